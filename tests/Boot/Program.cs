using Mandos.Boot;
using Mandos.Boot.Demo;

// usage: Mandos.Boot [options of xunit]     runs the tests, as every test program does
//        Mandos.Boot --bench [PAIRS]        boots guests with the original's client and with ours in turn, prints a table
//        Mandos.Boot --demo [FOLDER]        shows the way from two fresh machines to a boot; writes the tour into FOLDER
using var interrupted = new CancellationTokenSource();
if (args is ["--bench" or "--demo", ..])
{
    Console.CancelKeyPress += (_, e) =>
    {
        e.Cancel = true;
        interrupted.Cancel();
    };
    if (!Laboratory.MayWork)
    {
        Console.Error.WriteLine("boot: error: needs root, for network namespaces and chroots of its own");
        return 1;
    }
}

try
{
    return args switch
    {
        ["--bench"] => await PairedBoots.RunAsync(5, interrupted.Token),
        ["--bench", var pairs] =>
            await PairedBoots.RunAsync(int.Parse(pairs, System.Globalization.CultureInfo.InvariantCulture), interrupted.Token),
        ["--demo"] => await Demonstration.RunAsync(null, interrupted.Token),
        ["--demo", var folder] => await Demonstration.RunAsync(folder, interrupted.Token),
        _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
    };
}
catch (Exception exception) when (args is ["--demo", ..] && Environment.GetEnvironmentVariable("MANDOS_BOOT_DEBUG") is null or "")
{
    // For people who watch: what failed, not where in the source.
    Console.Error.WriteLine($"boot: error: {exception.Message.TrimEnd()}");
    return 1;
}
