using System.Globalization;
using System.Text.RegularExpressions;
using Mandos.Boot.Emulation;

namespace Mandos.Boot.Demo;

/// <summary><c>make demo</c>: from two fresh Debian machines to one that boots unattended, as its operator sees it.</summary>
internal sealed partial class Demonstration(DemoSite site, Recording recording, CancellationToken cancellationToken)
{
    private const string Rehearsal = "mandos-client --test --device=" + DemoSite.Disk;
    private const int Warning = 1, Critical = 2;

    private IReadOnlyList<StyledLine> _monitor = [];
    private string _console = "";

    /// <summary>Shows it. With <paramref name="folder"/>: writes the tour and its pictures there.</summary>
    public static async Task<int> RunAsync(string? folder, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var recording = new Recording();
        recording.Say(TourPage.Surroundings);
        recording.Note(
            $"The first time this downloads and installs Debian: some minutes, 1 GB in {Cache.Folder}; 'make clean-all' frees it.");
        var debug = Environment.GetEnvironmentVariable("MANDOS_BOOT_DEBUG") is { Length: > 0 };
        await using var laboratory = new Laboratory(debug ? Console.Error.WriteLine : _ => { }, cancellationToken);
        await using var site = await recording.WatchAsync("the machines", DemoSite.StartAsync(laboratory), cancellationToken);
        var demonstration = new Demonstration(site, recording, cancellationToken);
        await demonstration.ShowAsync();
        if (folder is not null)
        {
            await TourPage.WriteAsync(folder, recording.Parts, cancellationToken);
            var pictures = Path.Combine(folder, "pictures");
            await TerminalPicture.WriteAsync(Path.Combine(pictures, "monitor.svg"), "mandos-monitor", demonstration._monitor);
            await TerminalPicture.WriteAsync(
                Path.Combine(pictures, "boot.svg"), "the console while the machine boots", StyledLine.Parse(demonstration._console));
            recording.Note($"The tour is in {folder}.");
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\nDone in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F0} s: installed, enrolled, rehearsed, rebooted unattended, "
                + $"watched, disabled and enabled."));
        return 0;
    }

    private async Task ShowAsync()
    {
        await InstallAsync();
        await EnrollAsync();
        await RebootAsync();
        await MonitorAsync();
        await DisableAsync();
        await ShowStrangerAsync();
    }

    private async Task InstallAsync()
    {
        recording.Heading("Install the two packages");
        recording.Say(
            "The server's package starts the server, which announces itself on the network. The client's package generates the "
                + "keys of the machine and rebuilds its initramfs image.");
        await recording.RunAsync(site.Server, "apt install ./mandos-dotnet_*.deb", cancellationToken, leaveOut: OfNoInit());
        await recording.RunAsync(site.Client, "apt install ./mandos-client-dotnet_*.deb", cancellationToken, leaveOut: OfChroot());
        recording.Say(
            "Left out above: what invoke-rc.d reports about a machine without init, and what update-initramfs reports about a "
                + "chroot, which has no device mapper, no block devices and no network card.");
    }

    private async Task EnrollAsync()
    {
        recording.Heading("Enrol the machine");
        recording.Say(
            "One command, on the machine with the encrypted disk. Root may log in on the server with ssh. The passphrase is the one "
                + "that the disk has; it is typed here for the last time.");
        const string command = "mandos-keygen enroll server";
        recording.Begin(site.Client, command);
        var screen = new Screen(site.Client) { Size = (160, 50) };
        await screen.StartAsync($"{command}; echo \"exit status $?\"; read _", cancellationToken);
        await recording.WatchAsync(
            "the disks and the server",
            screen.WaitAsync(s => s.Contains("Passphrase of", StringComparison.Ordinal) || Ended(s), cancellationToken), cancellationToken);
        await site.Client.ShellAsync($"tmux -L laboratory send-keys -l -t screen '{DemoSite.Passphrase}'", cancellationToken);
        await screen.PressAsync("Enter", cancellationToken);
        var shown = Recording.Lines(await recording.WatchAsync("enrolment", screen.WaitAsync(Ended, cancellationToken), cancellationToken));
        recording.End(site.Client, command, [.. shown.TakeWhile(line => !Ended(line))]);
        if (!shown.Contains("exit status 0"))
            throw new InvalidOperationException($"'{command}' failed:\n{string.Join('\n', shown)}");
        recording.Good("a real fetch over the network opened the real LUKS2 header");
        recording.Say("The doctor looks into the image that the boot loader will load, compares it with the machine, and rehearses "
            + "the fetch. Its warning is right: the network cable of this machine is a virtual one without a card.");
        await recording.RunAsync(site.Client, "mandos-keygen doctor", cancellationToken, Warning);

        static bool Ended(string shown) => shown.Contains("exit status", StringComparison.Ordinal);
    }

    private async Task RebootAsync()
    {
        recording.Heading("Reboot");
        recording.Say(
            "The machine boots with the image and the disk as they are now: a real kernel in QEMU, without help of the processor. "
                + "Nothing is typed. The lines that begin with GUEST are from the decrypted root.");
        var shown = 0;
        var guest = await site.RebootAsync();
        var report = await recording.WatchAsync(
            "the boot", GuestReport.WaitAsync(guest, TimeSpan.FromMinutes(4), cancellationToken), cancellationToken, ShowConsole);
        await site.FinishRebootAsync();
        ShowConsole();
        _console = guest.Console.Text.Replace("\r", "", StringComparison.Ordinal).Trim('\n');
        IReadOnlyList<string> lines = [.. StyledLine.Parse(_console).Select(line => line.Text)];
        recording.Keep(new Part.Terminal("", lines));
        recording.Keep(new Part.Picture("pictures/boot.svg", "The console of the machine from the kernel to the decrypted root"));
        recording.Good(string.Create(
            CultureInfo.InvariantCulture,
            $"the decrypted root runs, {report.KernelToRoot.TotalSeconds:F0} s after the kernel started; nothing was typed"));
        if (report.Of("process").Any(p => p.Contains("mandos", StringComparison.Ordinal))
            || report.Of("address").Any(a => !a.Contains(": lo ", StringComparison.Ordinal))
            || report.Of("leak").Any()
            || report.Of("left").Any())
            throw new InvalidOperationException("something of the client is left: " + string.Join("; ", report.Lines));
        recording.Good("nothing of the client is left: no process, no address, and the password is in no file and no log");
        await recording.RunAsync(site.Server, "grep delivered /var/log/syslog", cancellationToken);

        // Whole lines, as they come.
        void ShowConsole()
        {
            var text = guest.Console.Text;
            for (var end = text.IndexOf('\n', shown); end >= 0; end = text.IndexOf('\n', shown))
            {
                recording.Output(StyledLine.Parse(text[shown..end].TrimEnd('\r'))[0].Text);
                shown = end + 1;
            }
        }
    }

    private async Task MonitorAsync()
    {
        recording.Heading("Watch it");
        recording.Say("The server checks every two minutes whether the machine is up; here a check was started after the reboot.");
        await recording.WatchAsync(
            "a check",
            site.Server.ShellAsync(
                "mandos-ctl --start-checker client; "
                    + "for i in $(seq 60); do mandos-ctl list | grep -q -e failing -e never || break; sleep 1; done",
                cancellationToken),
            cancellationToken);
        await recording.RunAsync(site.Server, "mandos-ctl list", cancellationToken);
        var screen = new Screen(site.Server) { Size = (100, 14) };
        recording.Begin(site.Server, "mandos-monitor");
        await screen.StartAsync("mandos-monitor", cancellationToken);
        var shown = await screen.WaitAsync(s => s.Contains("client: ", StringComparison.Ordinal), cancellationToken);
        _monitor = StyledLine.Parse(await site.Server.ShellAsync("tmux -L laboratory capture-pane -e -p -t screen", cancellationToken));
        recording.End(site.Server, "mandos-monitor", Recording.Lines(shown));
        recording.Keep(new Part.Picture("pictures/monitor.svg", "mandos-monitor: one client is enabled, and its last check succeeded"));
        await screen.PressAsync("q", cancellationToken);
    }

    private async Task DisableAsync()
    {
        recording.Heading("Disable it, as after a theft");
        recording.Say("From then on the server gives this machine nothing, until an operator enables it again.");
        await recording.RunAsync(site.Server, "mandos-ctl disable client", cancellationToken);
        await recording.RunAsync(site.Client, $"{Rehearsal} --time-limit=4", cancellationToken, Critical);
        recording.Good("no password");
        await recording.RunAsync(site.Server, "mandos-ctl enable client", cancellationToken);
        await recording.RunAsync(site.Client, Rehearsal, cancellationToken);
        recording.Good("the machine gets its password again");
    }

    private async Task ShowStrangerAsync()
    {
        recording.Heading("Another machine on the same network asks");
        recording.Say("It has the program and keys of its own, but no section on the server.");
        var stranger = await recording.WatchAsync("another machine", site.StrangerAsync(), cancellationToken);
        await recording.RunAsync(stranger, "mandos-keygen", cancellationToken);
        await recording.RunAsync(stranger, "mandos-client --test --time-limit=4", cancellationToken, Critical);
        recording.Good("no password: the answer is the same as for a disabled machine");
    }

    [GeneratedRegex("^invoke-rc.d: could not determine current runlevel")]
    private static partial Regex OfNoInit();

    [GeneratedRegex(
        "^cryptsetup: (ERROR|WARNING): |^ +UUID=|^/dev/mapper/control: |^Failure to communicate with kernel device-mapper|"
            + "^Check that device-mapper|^Incompatible libdevmapper|^Command failed|^W: Couldn't identify type of root file system|"
            + "^setupcon is missing|^mandos: warning: this machine has no network device|^hint: if it gets one only in the initramfs")]
    private static partial Regex OfChroot();
}
