using System.Text.Json;

namespace Mandos.Interop.Servers;

/// <summary>A client that will be disabled, is in maintenance, and is enabled again, as an operator sees it on the bus.</summary>
public sealed class ExpiryTests : InteropTest
{
    private const string Clients = """
        [web1]
        key_id = 0000f7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248ecec49fcfb23
        fingerprint = 1111111111111111111111111111111111111111
        secret = c2VjcmV0
        timeout = PT15S
        interval = PT3S
        checker = echo no answer from %%(host)s; exit 7
        host = web1.example
        [old]
        key_id = 1111f7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248ecec49fcfb23
        fingerprint = 1111111111111111111111111111111111111111
        secret = c2VjcmV0
        checker = true
        enabled = no

        """;

    [Fact]
    public async Task A_client_is_announced_kept_in_maintenance_over_a_restart_and_enabled_again_when_it_was_disabled()
    {
        var machine = await BusMachine.MakeAsync(Lab, DebianRelease.Bookworm, Implementation.Ours);
        var server = await MandosServer.StartAsync(machine, Implementation.Ours, new() { Clients = Clients, Bus = true }, Token);
        var bus = new BusMachine(machine, server, Token);
        await bus.WaitForNameAsync();
        await using var watching = machine.Start(new() { LogOutput = true }, Implementation.Ours.Control, ["watch", "--json", "--debug"]);
        await watching.WaitForLineAsync("GetManagedObjects", TimeSpan.FromSeconds(20), Token);
        await watching.WaitForLineAsync(
            "\"client\":\"web1\",\"event\":\"expires_soon\",.*\"last_checker_status\":7,\"reason\":\"exit status 7: no answer from web1.example\"",
            TimeSpan.FromSeconds(30), Token);

        Assert.Equal("web1: in maintenance for 1 h 0 min\n", (await RunAsync(bus, "maintenance", "--all", "--yes", "--for=1h")).Text);
        Assert.Contains("failing, maintenance", (await RunAsync(bus, "list", "--filter=maintenance")).Text, StringComparison.Ordinal);
        var end = (await JsonAsync(bus, "show", "web1", "--json"))[0].GetProperty("maintenance").GetDateTimeOffset();
        Assert.InRange(end - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
        var refused = await RunAsync(bus, "maintenance", "old", "--for=1h");
        Assert.Equal(
            (1, "mandos-ctl: error: the server reports: client [old] is disabled; enable it first\n"), (refused.ExitCode, refused.Errors));

        // The timeout is over then.
        await Task.Delay(TimeSpan.FromSeconds(16), Token);
        server.Process.Signal("TERM");
        _ = await server.Process.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await MandosServer.StartAgainAsync(machine, Implementation.Ours, new() { Clients = "", Bus = true }, Token);
        await bus.WaitForNameAsync();
        Assert.Equal("b true", await bus.PropertyAsync("web1", "Enabled"));
        var again = (await JsonAsync(bus, "show", "web1", "--json"))[0].GetProperty("maintenance").GetDateTimeOffset();
        Assert.InRange(again - end, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(5));

        Assert.Equal("web1: not in maintenance\n", (await RunAsync(bus, "maintenance", "web1", "--end")).Text);
        await bus.WaitForPropertyAsync("web1", "Enabled", "b false");
        Assert.Equal("web1: enabled\n", (await RunAsync(bus, "enable", "--all", "--yes", "--disabled-since=10min")).Text);
        Assert.Equal("b true", await bus.PropertyAsync("web1", "Enabled"));
        Assert.Equal("b false", await bus.PropertyAsync("old", "Enabled"));
    }

    [Fact]
    public async Task With_upstreams_server_there_is_no_maintenance_and_the_error_reports_it()
    {
        var bus = await BusMachine.StartAsync(Lab, DebianRelease.Bookworm, Implementation.Original, Clients);
        var done = await RunAsync(bus, "maintenance", "web1", "--for=2h");
        Assert.Equal(
            (1, "mandos-ctl: error: upstream's server has no maintenance\nhint: give the clients a longer timeout instead\n"),
            (done.ExitCode, done.Errors));
        done = await RunAsync(bus, "enable", "--all", "--yes", "--disabled-since=10min");
        Assert.Equal(
            (1, "mandos-ctl: error: the server does not report when clients were disabled\n"
                + "hint: only our server does; name the clients\n"),
            (done.ExitCode, done.Errors));
    }

    private static Task<CompletedProcess> RunAsync(BusMachine bus, params string[] arguments) =>
        bus.ControlAsync(Implementation.Ours, [], arguments);

    private static async Task<JsonElement> JsonAsync(BusMachine bus, params string[] arguments) =>
        JsonDocument.Parse((await RunAsync(bus, arguments)).OrThrow().Text).RootElement.Clone();
}
