using System.Globalization;
using Mandos.Boot.Emulation;
using Mandos.Boot.Guests;

namespace Mandos.Boot;

/// <summary>The end of `make demo`: a machine with an encrypted root boots without any typing.</summary>
internal static class Demonstration
{
    private static readonly bool Terminal = !Console.IsOutputRedirected;

    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Tell("Debian 12 in QEMU, without any help of the processor. Its root is encrypted (LUKS2); its initramfs is made by");
        Tell("Debian's update-initramfs, with our hook and our one program in it. Made once, kept in " + Cache.Folder + ".");
        await using var site = await Site.StartAsync(Show, cancellationToken);
        var initramfs = new Initramfs
        {
            Release = DebianRelease.Bookworm,
            Generator = Generator.InitramfsTools,
            Keys = await GuestKeys.OfOursAsync(site.Laboratory),
        };
        await WithProgressAsync("the initramfs", initramfs.MakeAsync(site.Laboratory), cancellationToken);
        Command("mandos --foreground     (ours, on another machine of the same network)");
        await site.ServeAsync(Implementation.Ours, initramfs.Keys);
        Command("qemu-system-x86_64 -kernel vmlinuz -initrd initrd.img -drive file=disk.img ...");
        var guest = await site.BootAsync(initramfs);
        var report = await WithProgressAsync(
            "the boot", GuestReport.WaitAsync(guest, TimeSpan.FromMinutes(4), cancellationToken), cancellationToken);
        Good(
            string.Create(
                CultureInfo.InvariantCulture,
                $"that line came from the decrypted root, {report.KernelToRoot.TotalSeconds:F0} s after the kernel started; nothing "
                    + $"was typed"));
        var prompt = guest.Console.Find(GuestPrompt.Of(initramfs.Generator));
        if (prompt is not null)
            Good(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Sight.Between(prompt, report.Root).TotalSeconds:F1} s after the prompt for the password"));
        if (report.Of("process").Any(p => p.Contains("mandos", StringComparison.Ordinal)) || report.Of("leak").Any())
        {
            await Console.Error.WriteLineAsync("boot: error: something of the client is left: " + string.Join("; ", report.Lines));
            return 1;
        }

        Good("nothing of the client is left: no process, no address, and the password is in no file and no log");
        return 0;
    }

    /// <summary>The guest's console, and what the server decides.</summary>
    private static void Show(string line)
    {
        const string console = "console| ";
        if (line.StartsWith(console, StringComparison.Ordinal) && line.Length > console.Length + 1)
            Console.WriteLine($"{Clear}   guest  | {line[console.Length..]}");
        else if (line.StartsWith("server/mandos: ", StringComparison.Ordinal) && line.Contains("secret", StringComparison.Ordinal))
            Console.WriteLine($"{Clear}   server | {line["server/mandos: ".Length..]}");
    }

    private static async Task<T> WithProgressAsync<T>(string what, Task<T> work, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (await Task.WhenAny(work, Task.Delay(TimeSpan.FromSeconds(Terminal ? 1 : 10), cancellationToken)) != work
            && !cancellationToken.IsCancellationRequested)
        {
            var text = string.Create(
                CultureInfo.InvariantCulture, $"   ... {what}, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F0} s");
            Console.Write(Terminal ? Clear + text : text + "\n");
        }

        var result = await work;
        Console.Write(Clear);
        return result;
    }

    /// <summary>Takes the line of the progress away.</summary>
    private static string Clear => Terminal ? "\r\e[K" : "";

    private static void Tell(string text) => Console.WriteLine($"   {text}");

    private static void Command(string text) => Console.WriteLine(Terminal ? $"\e[2m   $ {text}\e[0m" : $"   $ {text}");

    private static void Good(string text) => Console.WriteLine(Terminal ? $"\e[32m   ✓ {text}\e[0m" : $"   ✓ {text}");
}
