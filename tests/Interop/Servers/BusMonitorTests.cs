using System.Text.RegularExpressions;

namespace Mandos.Interop.Servers;

/// <summary>mandos-monitor on a terminal, ours and Debian's, with both servers: what its user sees and does.</summary>
public sealed class BusMonitorTests : InteropTest
{
    private const int Others = 30;

    /// <summary>Debian's with Debian's server needs no test.</summary>
    public static TheoryData<DebianRelease, Implementation, Implementation> Pairs
    {
        get
        {
            var pairs = new TheoryData<DebianRelease, Implementation, Implementation>();
            foreach (var release in DebianRelease.All)
            {
                pairs.Add(release, Implementation.Original, Implementation.Ours);
                pairs.Add(release, Implementation.Ours, Implementation.Ours);
                pairs.Add(release, Implementation.Ours, Implementation.Original);
            }

            return pairs;
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task Mandos_monitor_shows_and_does_everything(DebianRelease release, Implementation monitor, Implementation serving)
    {
        var machine = await BusMachine.MakeAsync(Lab, release, serving);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        // The first of the list, which is sorted.
        var stanza = await keys.StanzaAsync(machine, Password.Plain, Token, "a-first");
        var clients =
            $"{stanza}checker = sleep 1000\napproval_delay = PT1M\napproved_by_default = "
                + $"no\n{string.Concat(Enumerable.Range(1, Others).Select(Other))}";
        var server = await MandosServer.StartAsync(machine, serving, new() { Clients = clients, Bus = true }, Token);
        var bus = new BusMachine(machine, server, Token);
        await bus.WaitForNameAsync();
        var screen = new Screen(machine) { Redraw = "C-l" };
        await screen.StartAsync(monitor.Monitor, Token);

        // The list, and its end.
        var shown = await screen.WaitAsync(
            s => s.Contains("a-first: ", StringComparison.Ordinal) && s.Contains("c01: ", StringComparison.Ordinal), Token);
        Assert.DoesNotContain("c30: ", shown, StringComparison.Ordinal);
        await PressAsync("NPage", "NPage", "NPage", "NPage");
        await screen.WaitAsync(s => s.Contains("c30: ", StringComparison.Ordinal), Token);
        await PressAsync("PPage", "PPage", "PPage", "PPage", "PPage", "Up", "Up");
        await screen.WaitAsync(s => Matches(s, "^a-first: "), Token);

        // The one in front.
        await PressAsync("-");
        await screen.WaitAsync(s => s.Contains("a-first: DISABLED", StringComparison.Ordinal), Token);
        Assert.Equal("b false", await bus.PropertyAsync("a_first", "Enabled"));
        await PressAsync("+");
        await screen.WaitAsync(s => !s.Contains("DISABLED", StringComparison.Ordinal), Token);
        await PressAsync("S");
        await bus.WaitForPropertyAsync("a_first", "CheckerRunning", "b false");
        await PressAsync("s");
        await bus.WaitForPropertyAsync("a_first", "CheckerRunning", "b true");
        await PressAsync("C");
        await screen.WaitAsync(s => s.Contains("a-first: enabled", StringComparison.Ordinal), Token);
        Assert.Equal("n 0", await bus.PropertyAsync("a_first", "LastCheckerStatus"));

        // One that waits for a decision.
        var approved = MandosClient.Start(machine, Implementation.Ours, "--connect=127.0.0.1:8888", "--interface=none");
        await bus.WaitForPropertyAsync("a_first", "ApprovalPending", "b true");
        await screen.WaitAsync(
            s => Matches(s, "^a-first: ") && !Matches(s, "^a-first: enabled"), Token);
        await PressAsync("a");
        Assert.Equal(Password.Plain, (await approved.WaitAsync(TimeSpan.FromSeconds(20), Token)).OrThrow().Output);
        // With upstream's server it stayed true once on a busy machine, for an unknown reason: the next request is recognised by its time.
        if (serving == Implementation.Ours)
            await bus.WaitForPropertyAsync("a_first", "ApprovalPending", "b false");
        var before = await bus.PropertyAsync("a_first", "LastApprovalRequest");
        // The approval holds for a second.
        await Task.Delay(1500, Token);
        await using var denied = MandosClient.Start(machine, Implementation.Ours, "--connect=127.0.0.1:8888", "--interface=none");
        await bus.WaitForChangeAsync("a_first", "LastApprovalRequest", before);
        await bus.WaitForPropertyAsync("a_first", "ApprovalPending", "b true");
        await PressAsync("d");
        await screen.WaitAsync(s => s.Contains("Denied", StringComparison.Ordinal), Token);
        await denied.DisposeAsync();

        // A server that is started again is followed.
        // Upstream's does not stop while its children live.
        if (serving == Implementation.Ours)
            server.Process.Signal("TERM");
        else
            await machine.ShellAsync("pkill -KILL -f '/usr/sbin/[m]andos --'", Token);
        await screen.WaitAsync(s => !Matches(s, "^a-first: "), Token);
        await server.Process.WaitAsync(TimeSpan.FromSeconds(20), Token);
        machine.Start(new(), serving.Server, "--foreground", "--port=8888", "--no-zeroconf");
        await screen.WaitAsync(s => Matches(s, "^a-first: "), Token);
        await PressAsync("Up", "Up", "PPage", "PPage");

        // And away.
        await PressAsync(monitor == Implementation.Ours ? ["R", "y"] : ["R"]);
        await screen.WaitAsync(
            s => !Matches(s, "^a-first: ") && Matches(s, "^c01: "), Token);
        Assert.DoesNotContain(
            "a_first", await machine.ShellAsync("busctl --system call se.recompile.Mandos / se.recompile.Mandos GetAllClients", Token),
            StringComparison.Ordinal);
        await PressAsync("q");
        await screen.WaitForEndAsync(Token);

        async Task PressAsync(params string[] pressed)
        {
            foreach (var key in pressed)
                await screen.PressAsync(key, Token);
        }
    }

    /// <summary>Both on the same server: what happens is on both screens.</summary>
    [Theory]
    [InlineData("ours")]
    [InlineData("original")]
    public async Task Our_monitor_reports_what_Debians_reports(string server)
    {
        var serving = server == "ours" ? Implementation.Ours : Implementation.Original;
        var machine = await BusMachine.MakeAsync(Lab, DebianRelease.Trixie, serving);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        var strange = await KeySet.OfOursAsync(machine, Token);
        var stanza = await keys.StanzaAsync(machine, Password.Plain, Token, "web");
        // It fails from then on. One that has never succeeded would be disabled by upstream's server after one interval.
        var failing = Other(1) + "checker = test ! -e /run/failing || exit 3\ninterval = PT10S\n";
        var running = await MandosServer.StartAsync(
            machine, serving, new() { Clients = $"{stanza}checker = true\ninterval = PT2S\n{failing}", Bus = true }, Token);
        await new BusMachine(machine, running, Token).WaitForNameAsync();
        Screen[] screens = [new(machine, "debian") { Redraw = "C-l", Size = (200, 60) }, new(machine, "ours") { Size = (200, 60) }];
        await screens[0].StartAsync(Implementation.Original.Monitor, Token);
        await screens[1].StartAsync(Implementation.Ours.Monitor, Token);
        foreach (var screen in screens)
            await screen.WaitAsync(s => Matches(s, "^web: enabled") && Matches(s, "^c01: enabled"), Token);
        await machine.ShellAsync("touch /run/failing", Token);
        foreach (var screen in screens)
            await screen.WaitAsync(s => Matches(s, "^c01: .*failed.*[0-9]:[0-9][0-9]:[0-9][0-9]"), Token);

        (await MandosClient.Start(machine, Implementation.Ours, "--connect=127.0.0.1:8888", "--interface=none")
            .WaitAsync(TimeSpan.FromSeconds(20), Token)).OrThrow();
        strange.InstallOn(machine);
        await using var refused = MandosClient.Start(machine, Implementation.Ours, "--connect=127.0.0.1:8888", "--interface=none");
        foreach (var screen in screens)
            await screen.WaitAsync(
                s => Matches(s, "web.* received its secret") && Matches(s, "(?i)127\\.0\\.0\\.1")
                    && Matches(s, $"(?i){strange.KeyId}") && Matches(s, "c01.* failed.*3"), Token);
    }

    [Fact]
    public async Task The_terminal_is_restored_whatever_ends_the_monitor()
    {
        var machine = await BusMachine.MakeAsync(Lab, DebianRelease.Bookworm, Implementation.Ours);
        foreach (var how in (string[])["-TERM", "-HUP", "-KILL", "-ABRT"])
        {
            var screen = new Screen(machine, $"screen{how}");
            // Without a bus: it waits for one. Both processes have its name, the younger one draws.
            await screen.StartAsync(
                $"stty -a >/tmp/before; {Implementation.Ours.Monitor}; echo exit $?; stty -a >/tmp/after; cmp /tmp/before /tmp/after && "
                    + "echo restored; exec sleep 1000", Token);
            await screen.WaitAsync(s => s.Contains("mandos-monitor", StringComparison.Ordinal), Token);
            await machine.ShellAsync($"kill {how} $(pgrep --newest -f mandos-monitor$)", Token);
            var shown = await screen.WaitAsync(s => s.Contains("restored", StringComparison.Ordinal), Token);
            Assert.Contains(
                how switch { "-KILL" => "exit 137", "-ABRT" => "exit 134", _ => "exit 0" }, shown, StringComparison.Ordinal);
        }
    }

    private static bool Matches(string screen, string pattern) => Regex.IsMatch(screen, pattern, RegexOptions.Multiline);

    private static string Other(int number) =>
        $"[c{number:00}]\nkey_id = {number:00}{new string('0', 62)}\nfingerprint = {new string('0', 40)}\nsecret = c2VjcmV0\n";
}
