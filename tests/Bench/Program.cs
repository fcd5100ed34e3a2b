using System.Diagnostics;
using System.Globalization;
using Mandos.Bench;

// usage: Mandos.Bench [--quick] client|server|fleet|control|sizes|boots PAGE
// Writes that section of PAGE; --quick: few runs, to try it out.
// `boots` reads the table that `Mandos.Boot --bench` prints from its standard input.
// Mandos.Bench attack ADDRESS PORT: what `server` starts beside a known client.
if (args is ["attack", var address, var port])
    return await HandshakeAttack.RunAsync(address, port);

// usage: Mandos.Bench order FOLDER FILE     writes the order of methods for the linker; see scripts/method-order.sh
var quick = args.Contains("--quick");
if (args is ["order", var folder, var order])
{
    await using var machines = new Laboratory(_ => { }, CancellationToken.None);
    await File.WriteAllLinesAsync(order, await MethodOrder.OfAsync(machines, folder));
    return 0;
}

if (args.Where(a => a != "--quick").ToArray()
    is not [("client" or "server" or "fleet" or "control" or "sizes" or "boots") and var part, var page])
{
    Console.Error.WriteLine("bench: error: wrong arguments");
    Console.Error.WriteLine("hint: Mandos.Bench [--quick] client|server|fleet|control|sizes|boots PAGE");
    return 2;
}

var began = Stopwatch.GetTimestamp();
using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    interrupted.Cancel();
};
if (part != "boots" && !Laboratory.MayWork)
{
    Console.Error.WriteLine("bench: error: needs root, for network namespaces and chroots of its own");
    return 1;
}

void Tell(string text) =>
    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalSeconds,6:F1} s  {text}"));

await using var laboratory = new Laboratory(_ => { }, interrupted.Token);
var (heading, section) = part switch
{
    "client" => (Page.Client, await ClientRuns.SectionAsync(laboratory, quick, Tell)),
    "server" => (Page.Server, await ServerRuns.SectionAsync(quick, Tell, interrupted.Token)),
    "fleet" => (Page.Fleet, await FleetRuns.SectionAsync(quick, Tell, interrupted.Token)),
    "control" => (Page.Control, await ControlRuns.SectionAsync(quick, Tell, interrupted.Token)),
    "sizes" => (Page.Sizes, await new InitramfsSizes(laboratory, Tell).SectionAsync()),
    _ => (Page.Boots, BootTable.Section(await Console.In.ReadToEndAsync(interrupted.Token))),
};
if (section is null)
{
    Console.Error.WriteLine("bench: error: standard input is no table of boots");
    return 1;
}

var old = File.Exists(page) ? await File.ReadAllTextAsync(page, interrupted.Token) : "";
await File.WriteAllTextAsync(page, Page.With(old, heading, section), interrupted.Token);
Tell($"written to {page}");
Console.WriteLine(section);
return 0;
