namespace Mandos.Interop.Servers;

/// <summary>Debian's mandos-monitor on a terminal, with our server: what its user sees and does.</summary>
public sealed class BusMonitorTests : InteropTest
{
    private const int Others = 30;

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task Mandos_monitor_shows_and_does_everything_with_our_server(DebianRelease release)
    {
        var machine = await BusMachine.MakeAsync(Lab, release, Implementation.Ours);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        // The first of the list, which is sorted.
        var stanza = await keys.StanzaAsync(machine, Password.Plain, Token, "a-first");
        var clients =
            $"{stanza}checker = sleep 1000\napproval_delay = PT1M\napproved_by_default = "
                + $"no\n{string.Concat(Enumerable.Range(1, Others).Select(Other))}";
        var server = await MandosServer.StartAsync(machine, Implementation.Ours, new() { Clients = clients, Bus = true }, Token);
        var bus = new BusMachine(machine, server, Token);
        await bus.WaitForNameAsync();
        var screen = new Screen(machine);
        await screen.StartAsync("mandos-monitor", Token);

        // The list, and its end.
        var shown = await screen.WaitAsync(
            s => s.Contains("a-first: ", StringComparison.Ordinal) && s.Contains("c01: ", StringComparison.Ordinal), Token);
        Assert.DoesNotContain("c30: ", shown, StringComparison.Ordinal);
        await PressAsync("NPage", "NPage", "NPage", "NPage");
        await screen.WaitAsync(s => s.Contains("c30: ", StringComparison.Ordinal), Token);
        await PressAsync("PPage", "PPage", "PPage", "PPage", "PPage", "Up", "Up");
        await screen.WaitAsync(s => s.Contains("a-first: ", StringComparison.Ordinal), Token);

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

        // An unknown client.
        var approved = MandosClient.Start(machine, Implementation.Ours, "--connect=127.0.0.1:8888", "--interface=none");
        await bus.WaitForPropertyAsync("a_first", "ApprovalPending", "b true");
        await screen.WaitAsync(
            s => s.Contains("a-first: ", StringComparison.Ordinal) && !s.Contains("a-first: enabled", StringComparison.Ordinal), Token);
        await PressAsync("a");
        Assert.Equal(Password.Plain, (await approved.WaitAsync(TimeSpan.FromSeconds(20), Token)).OrThrow().Output);
        await bus.WaitForPropertyAsync("a_first", "ApprovalPending", "b false");
        // The approval holds for a second.
        await Task.Delay(1500, Token);
        await using var denied = MandosClient.Start(machine, Implementation.Ours, "--connect=127.0.0.1:8888", "--interface=none");
        await bus.WaitForPropertyAsync("a_first", "ApprovalPending", "b true");
        await PressAsync("d");
        await screen.WaitAsync(s => s.Contains("Denied", StringComparison.Ordinal), Token);
        await denied.DisposeAsync();

        // A server that is started again is followed.
        server.Process.Signal("TERM");
        await screen.WaitAsync(s => !s.Contains("a-first: ", StringComparison.Ordinal), Token);
        await server.Process.WaitAsync(TimeSpan.FromSeconds(20), Token);
        machine.Start(new(), Implementation.Ours.Server, "--foreground", "--port=8888", "--no-zeroconf");
        await screen.WaitAsync(s => s.Contains("a-first: ", StringComparison.Ordinal), Token);
        await PressAsync("Up", "Up", "PPage", "PPage");

        // And away.
        await PressAsync("R");
        await screen.WaitAsync(
            s => !s.Contains("a-first: ", StringComparison.Ordinal) && s.Contains("c01: ", StringComparison.Ordinal), Token);
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

    private static string Other(int number) =>
        $"[c{number:00}]\nkey_id = {number:00}{new string('0', 62)}\nfingerprint = {new string('0', 40)}\nsecret = c2VjcmV0\n";
}
