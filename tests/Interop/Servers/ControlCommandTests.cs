using System.Text.Json;

namespace Mandos.Interop.Servers;

/// <summary>The commands of our mandos-ctl with our server and with Debian's.</summary>
public sealed class ControlCommandTests : InteropTest
{
    private const string More = """

        [web2]
        key_id = 0000f7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248ecec49fcfb23
        fingerprint = 5FA24BC9E7575BFAE91D7F669ECC09FF3C8A64F1
        secret = c2VjcmV0
        checker = false
        """;

    public static TheoryData<DebianRelease, Implementation> Servers => new(
        from release in DebianRelease.All
        from server in new[] { Implementation.Original, Implementation.Ours }
        select (release, server));

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    /// <summary>A request is seen, approved and followed to its end.</summary>
    [Theory, MemberData(nameof(Servers))]
    public async Task An_operator_decides_about_a_request(DebianRelease release, Implementation server)
    {
        var bus = await StartAsync(release, server);
        await using var watching = await StartAsync(bus, "watch", "--json");
        await using var waiting = await StartAsync(bus, "wait", "web1", "--until=delivered", "--timeout=PT1M");
        await using var client = MandosClient.Start(bus.Machine, Implementation.Ours, "--connect=127.0.0.1:8888", "--interface=none");
        await bus.WaitForPropertyAsync("web1", "ApprovalPending", "b true");
        // The original's server sets the time of the request after that.
        await Task.Delay(TimeSpan.FromSeconds(1), Token);
        var pending = await JsonAsync(bus, "pending", "--json");
        Assert.Equal("web1", Assert.Single(pending.EnumerateArray()).GetProperty("name").GetString());
        Assert.True(pending[0].GetProperty("decides").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddSeconds(20));
        Assert.Contains("denied", (await RunAsync(bus, "pending")).Text, StringComparison.Ordinal);
        Assert.Equal("web1 pending", Row(await RunAsync(bus, "list", "--filter=pending"), "web1"));

        Assert.Equal("web1: approved\n", (await RunAsync(bus, "approve", "web1")).Text);

        Assert.Equal(Password.Plain, (await client.WaitAsync(TimeSpan.FromSeconds(20), Token)).OrThrow().Output);
        (await waiting.WaitAsync(TimeSpan.FromSeconds(20), Token)).OrThrow();
        await watching.WaitForLineAsync(
            "\"client\":\"web1\",\"event\":\"need_approval\",\"decides_in_ms\":60000", TimeSpan.FromSeconds(10), Token);
        await watching.WaitForLineAsync("\"client\":\"web1\",\"event\":\"got_secret\"", TimeSpan.FromSeconds(10), Token);
        Assert.Equal("no client waits for a decision\n", (await RunAsync(bus, "pending")).Text);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task A_wait_ends_when_its_request_is_denied_and_at_its_time_limit(DebianRelease release, Implementation server)
    {
        var bus = await StartAsync(release, server);
        await using var waiting = await StartAsync(bus, "wait", "web1", "--until=approved");
        await using var client = MandosClient.Start(bus.Machine, Implementation.Ours, "--connect=127.0.0.1:8888", "--interface=none");
        await bus.WaitForPropertyAsync("web1", "ApprovalPending", "b true");
        (await RunAsync(bus, "deny", "web1")).OrThrow();
        var ended = await waiting.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(1, ended.ExitCode);
        Assert.EndsWith("\nmandos-ctl: error: web1 did not receive its secret: Denied\n", ended.Errors, StringComparison.Ordinal);

        var late = await RunAsync(bus, "wait", "web1", "--until=checked", "--timeout=PT1S");
        Assert.Equal((1, "mandos-ctl: error: web1 is not checked within PT1S\n"), (late.ExitCode, late.Errors));
        (await RunAsync(bus, "wait", "web1", "--until=enabled")).OrThrow();
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task Clients_are_changed_and_removed(DebianRelease release, Implementation server)
    {
        var bus = await StartAsync(release, server);
        (await RunAsync(bus, "disable", "web1")).OrThrow();
        Assert.Equal("web1 disabled", Row(await RunAsync(bus, "list"), "web1"));
        (await RunAsync(bus, "enable", "--all")).OrThrow();
        Assert.Equal("b true", await bus.PropertyAsync("web1", "Enabled"));

        (await RunAsync(bus, "set", "web1", "timeout=PT1H1S", "approved-by-default=yes", "checker=echo %(host)s", "host=other")).OrThrow();
        Assert.Equal("t 3601000", await bus.PropertyAsync("web1", "Timeout"));
        Assert.Equal("b true", await bus.PropertyAsync("web1", "ApprovedByDefault"));
        Assert.Equal("s \"echo %(host)s\"", await bus.PropertyAsync("web1", "Checker"));
        Assert.Equal("s \"other\"", await bus.PropertyAsync("web1", "Host"));
        var shown = (await RunAsync(bus, "show", "web1")).Text;
        Assert.Contains("Timeout: 01:00:01\n", shown, StringComparison.Ordinal);

        var refused = await RunAsync(bus, "set", "web1", "interval=PT9M", "timeout=soon");
        Assert.Equal(2, refused.ExitCode);
        Assert.NotEqual("t 540000", await bus.PropertyAsync("web1", "Interval"));

        (await RunAsync(bus, "remove", "web2")).OrThrow();
        Assert.Equal("web1\n", (await RunAsync(bus, "list", "--names")).Text);
        var missing = await RunAsync(bus, "show", "web1", "web2");
        Assert.Equal((1, ""), (missing.ExitCode, missing.Text));
        Assert.StartsWith("mandos-ctl: error: no client has the name 'web2'", missing.Errors, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_section_from_the_key_tool_is_added_to_the_running_server(DebianRelease release)
    {
        var bus = await StartAsync(release, Implementation.Ours);
        var keys = await KeySet.OfOursAsync(bus.Machine, Token);
        keys.InstallOn(bus.Machine);
        var stanza = await keys.StanzaAsync(bus.Machine, Password.Plain, Token, "new.example");
        var added = await bus.ControlAsync(
            Implementation.Ours, System.Text.Encoding.UTF8.GetBytes($"{stanza}timeout = PT7M\nenabled = yes\n"), "add", "-");
        Assert.Equal((0, "new.example: added\n"), (added.ExitCode, added.Text));
        Assert.Equal("t 420000", await bus.PropertyAsync("new_example", "Timeout"));
        Assert.Equal(
            Password.Plain,
            (await MandosClient.RunAsync(
                bus.Machine, Implementation.Ours, Token, "--connect=127.0.0.1:8888", "--interface=none")).OrThrow().Output);

        var again = await bus.ControlAsync(Implementation.Ours, System.Text.Encoding.UTF8.GetBytes(stanza), "add", "-");
        Assert.Equal(1, again.ExitCode);
        Assert.StartsWith("mandos-ctl: error: the server reports: ", again.Errors, StringComparison.Ordinal);
        var broken = await bus.ControlAsync(Implementation.Ours, "[a]\nkey_id = 1\nsecret = abc\n"u8.ToArray(), "add", "-");
        Assert.Equal(
            (1, "mandos-ctl: error: standard input:2: [a] key_id: '1' does not have 64 hex digits\n"
                + "mandos-ctl: error: standard input:3: [a] secret: it is not base64: the padding at its end is wrong, or a part is missing\n"
                + "hint: correct the file; no client was added\n"),
            (broken.ExitCode, broken.Errors));
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Upstreams_server_cannot_add_clients_and_the_error_reports_it(DebianRelease release)
    {
        var bus = await StartAsync(release, Implementation.Original);
        var done = await bus.ControlAsync(
            Implementation.Ours, System.Text.Encoding.UTF8.GetBytes(More.Replace("web2", "web3", StringComparison.Ordinal)), "add", "-");
        Assert.Equal(
            (1, "mandos-ctl: error: upstream's server cannot add clients while it runs\n"
                + "hint: add the section to clients.conf and restart it\n"),
            (done.ExitCode, done.Errors));
    }

    [Fact]
    public async Task Without_permission_to_use_the_bus_the_error_has_the_group()
    {
        var bus = await StartAsync(DebianRelease.Bookworm, Implementation.Ours);
        var done = await bus.Machine.RunAsync(
            new(), TimeSpan.FromSeconds(30), Token, "/sbin/runuser", "-u", "nobody", "--", Implementation.Ours.Control);
        Assert.Equal(
            (1, "mandos-ctl: error: no permission to control the Mandos server\nhint: run as root or as a member of the group _mandos\n"),
            (done.ExitCode, done.Errors));
    }

    [Fact]
    public async Task Watch_continues_after_a_restart_of_the_server()
    {
        var bus = await StartAsync(DebianRelease.Bookworm, Implementation.Ours);
        await using var watching = await StartAsync(bus, "watch");
        bus.Server.Process.Signal("TERM");
        await watching.WaitForLineAsync("the server has stopped$", TimeSpan.FromSeconds(20), Token);
        var none = await RunAsync(bus, "list");
        Assert.Equal(1, none.ExitCode);
        Assert.StartsWith(
            "mandos-ctl: error: no Mandos server is on the system bus\nhint: start it", none.Errors, StringComparison.Ordinal);
        _ = await bus.Server.Process.WaitAsync(TimeSpan.FromSeconds(20), Token);
        // With the configuration that is there.
        await MandosServer.StartAgainAsync(bus.Machine, Implementation.Ours, new() { Clients = "", Bus = true }, Token);
        await watching.WaitForLineAsync("the server has started$", TimeSpan.FromSeconds(20), Token);
        await watching.WaitForLineAsync("web1: added$", TimeSpan.FromSeconds(20), Token);
    }

    private async Task<BusMachine> StartAsync(DebianRelease release, Implementation server)
    {
        var machine = await BusMachine.MakeAsync(Lab, release, server);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        var stanza = await keys.StanzaAsync(machine, Password.Plain, Token, "web1");
        var running = await MandosServer.StartAsync(
            machine, server,
            new()
            {
                Clients = $"{stanza}checker = sleep 1000\napproval_delay = PT1M\napproved_by_default = no\n{More}",
                Bus = true,
            }, Token);
        var bus = new BusMachine(machine, running, Token);
        await bus.WaitForNameAsync();
        return bus;
    }

    /// <summary>Starts a command that follows signals, and waits until it does: then it asks for the clients.</summary>
    private static async Task<RunningProcess> StartAsync(BusMachine bus, params string[] arguments)
    {
        var process = bus.Machine.Start(new() { LogOutput = true }, Implementation.Ours.Control, [.. arguments, "--debug"]);
        await process.WaitForLineAsync("GetManagedObjects", TimeSpan.FromSeconds(20), Token);
        return process;
    }

    private static Task<CompletedProcess> RunAsync(BusMachine bus, params string[] arguments) =>
        bus.ControlAsync(Implementation.Ours, [], arguments);

    private static async Task<JsonElement> JsonAsync(BusMachine bus, params string[] arguments) =>
        JsonDocument.Parse((await RunAsync(bus, arguments)).OrThrow().Text).RootElement.Clone();

    /// <summary>Name and status of a client in the table.</summary>
    private static string Row(CompletedProcess done, string name) => string.Join(
        ' ',
        done.OrThrow().Text.Split('\n').Single(line => line.StartsWith($"{name} ", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2));
}
