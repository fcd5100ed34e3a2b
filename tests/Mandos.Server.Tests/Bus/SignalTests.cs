using Mandos.Core.Linux.Processes;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Clients;
using Mandos.Server.Tests.Clients;

namespace Mandos.Server.Tests.Bus;

/// <summary>
/// What is signalled, in which order, under which names. Recorded from the original: golden/dbus/signal-log-approval-flows.txt.
/// </summary>
public sealed class SignalTests
{
    private const string Path = "/clients/testclient";

    private static readonly ClientSettings Guarded =
        ClientStory.Settings with { ApprovalDelay = new(TimeSpan.FromMinutes(1)), ApprovedByDefault = false };

    [Fact]
    public async Task Disabling_and_enabling_signal_changes_in_the_originals_order()
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        await server.CallAsync(Path, Names.Client, "Disable");
        Same([.. Changed("Expires", "s\"\""), .. Changed("Enabled", "b0")], await signals.UntilAsync(Last("Enabled")));
        await signals.UntilAsync($"s\"{Names.MoreClient}\" [s\"LastDisabled\": s");
        await server.CallAsync(Path, Names.Client, "Enable");
        Same(
            [.. Changed("Enabled", "b1"), .. Changed("LastEnabled", "s\"TIME\""), .. Changed("Expires", "s\"TIME\"")],
            await signals.UntilAsync(Last("Expires")));
    }

    [Fact]
    public async Task A_delivered_secret_is_signalled_and_counted()
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        await DeliverAsync(server);
        var lines = await signals.UntilAsync(Signal(Names.OldClient, "GotSecret"));
        Same(
            [.. Changed("Expires", "s\"TIME\""), .. Pair("GotSecret")],
            lines.Where(l => !l.Contains("SecretsGiven", StringComparison.Ordinal)));
        Assert.Equal("t1", await server.GetAsync(Path, Names.MoreClient, "SecretsGiven"));
        Assert.Equal("t1", await server.GetAsync("/", Names.MoreServer, "SecretsGiven"));
    }

    [Fact]
    public async Task SecretsGiven_of_the_server_counts_its_current_clients_and_each_change_is_signalled()
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        await DeliverAsync(server);
        await signals.UntilAsync($"s\"{Names.MoreServer}\" [s\"SecretsGiven\": t1]");
        await server.CallAsync("/", Names.Server, "RemoveClient", w => w.WriteObjectPath(Path));
        Assert.Equal("t0", await server.GetAsync("/", Names.MoreServer, "SecretsGiven"));
        Assert.Single(signals.Lines, $"/ {Names.Properties}.PropertiesChanged s\"{Names.MoreServer}\" [s\"SecretsGiven\": t0] []");
    }

    [Theory]
    [InlineData(false, "Denied")]
    [InlineData(true, null)]
    public async Task A_request_for_approval_and_its_outcome_are_signalled(bool approved, string? rejection)
    {
        await using var server = await BusServer.StartAsync(settings: Guarded);
        var signals = await server.ListenAsync();
        var delivering = DeliverAsync(server);
        Same(
            // The original changes LastApprovalRequest twice, once for each name of NeedApproval.
            [.. Changed("ApprovalPending", "b1"), .. Changed("LastApprovalRequest", "s\"TIME\""), .. Pair("NeedApproval", "t60000 b0")],
            await signals.UntilAsync(Signal(Names.OldClient, "NeedApproval")));
        await server.CallAsync(Path, Names.Client, "Approve", w => w.WriteBoolean(approved));
        await delivering;
        var lines = await signals.UntilAsync(Last("ApprovalPending"));
        Assert.Equal(
            rejection is null
                ? [.. Changed("Expires", "s\"TIME\""), .. Pair("GotSecret"), .. Changed("ApprovalPending", "b0")]
                : [.. Pair("Rejected", $"s\"{rejection}\""), .. Changed("ApprovalPending", "b0")],
            lines.Where(l => !l.Contains("SecretsGiven", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_approval_timeout_is_signalled()
    {
        await using var server = await BusServer.StartAsync(settings: Guarded with { ApprovalDelay = new(TimeSpan.FromMilliseconds(50)) });
        var signals = await server.ListenAsync();
        await DeliverAsync(server);
        await signals.UntilAsync(Signal(Names.OldClient, "NeedApproval"));
        Same(
            [.. Pair("Rejected", "s\"Approval timed out\""), .. Changed("ApprovalPending", "b0")],
            await signals.UntilAsync(Last("ApprovalPending")));
    }

    [Fact]
    public async Task A_request_of_a_disabled_client_is_signalled_as_rejected()
    {
        await using var server = await BusServer.StartAsync(enabled: false);
        var signals = await server.ListenAsync();
        await DeliverAsync(server);
        Assert.Equal(Pair("Rejected", "s\"Disabled\""), await signals.UntilAsync(Signal(Names.OldClient, "Rejected")));
    }

    [Fact]
    public async Task The_start_and_the_end_of_a_check_are_signalled()
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        await server.CallAsync(Path, Names.Client, "StartChecker");
        Same(
            [.. Changed("CheckerRunning", "b1"), .. Pair("CheckerStarted", $"s\"{ClientStory.Template}\"")],
            await signals.UntilAsync(Signal(Names.OldClient, "CheckerStarted")));
        server.Checkers.End(ChildExit.Exited(0));
        Same(
            [
                .. Changed("CheckerRunning", "b0"), .. Changed("LastCheckerStatus", "n0"), .. Changed("LastCheckedOK", "s\"TIME\""),
                .. Changed("Expires", "s\"TIME\""),
                .. Pair("CheckerCompleted", $"n0 x0 s\"{ClientStory.Template}\""),
            ],
            (await signals.UntilAsync(Signal(Names.OldClient, "CheckerCompleted"))).Order(new Recorded()));
    }

    /// <summary>The order of LastCheckedOK and LastCheckerStatus is nowhere recorded.</summary>
    private sealed class Recorded : IComparer<string>
    {
        public int Compare(string? x, string? y) => Rank(x!).CompareTo(Rank(y!));

        private static int Rank(string line) => line.Contains("CheckerRunning", StringComparison.Ordinal) ? 0
            : line.Contains("LastCheckerStatus", StringComparison.Ordinal) ? 1
            : line.Contains("LastCheckedOK", StringComparison.Ordinal) ? 2
            : line.Contains("Expires", StringComparison.Ordinal) ? 3 : 4;
    }

    [Theory]
    [InlineData(3, null, "n3 x768")]
    [InlineData(null, 9, "n-1 x9")]
    [InlineData(null, null, "n-1 x32512")]
    public async Task The_result_of_a_check_is_signalled_as_exit_code_and_wait_status(int? code, int? signal, string expected)
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        await server.CallAsync(Path, Names.Client, "StartChecker");
        server.Checkers.End(code is { } exit ? ChildExit.Exited(exit) : signal is { } number ? ChildExit.Killed(number) : null);
        Assert.Equal(
            $"{Path} {Names.OldClient}.CheckerCompleted {expected} s\"{ClientStory.Template}\"",
            (await signals.UntilAsync(Signal(Names.OldClient, "CheckerCompleted")))[^1]);
    }

    [Theory]
    [InlineData("fe80::2470:f8ff:febd:db1d%eth0", "fe80::2470:f8ff:febd:db1d")]
    [InlineData("[fe80::1%2]:4711", "fe80::1")]
    [InlineData("10.0.0.1:4711", "10.0.0.1")]
    [InlineData("::ffff:10.0.0.1", "::ffff:10.0.0.1")]
    [InlineData("[::1]:4711", "::1")]
    public async Task An_unknown_key_is_signalled_with_only_the_address(string address, string told)
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        var key = BusServer.KeyOf("stranger");
        await using var answer = await server.Registry.RequestAsync(key, address, BusServer.Token);
        Same(
            [$"/ {Names.Server}.ClientNotFound s\"{key.ToString().ToUpperInvariant()}\" s\"{told}\"",
                $"/ {Names.OldServer}.ClientNotFound s\"{key.ToString().ToUpperInvariant()}\" s\"{told}\""],
            await signals.UntilAsync($"{Names.OldServer}.ClientNotFound"));
    }

    [Fact]
    public async Task A_client_that_will_be_disabled_is_signalled_with_the_reason_on_our_interface_only()
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        var end = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        server.Clients.Warn(new("testclient", end, TimeSpan.FromMinutes(2.5), 1, "exit status 1: no such host"));
        server.Clients.Warn(new("other", end, TimeSpan.FromMinutes(2.5), 1, ""));
        await server.CallAsync("/", Names.MoreServer, "Reload");
        await server.SetAsync(Path, Names.Client, "Host", "s", w => w.WriteString("other"));
        Same(
            [$"{Path} {Names.MoreClient}.ExpiresSoon s\"TIME\" t150000 n1 s\"exit status 1: no such host\"",
                .. Changed("Host", "s\"other\"")],
            await signals.UntilAsync(Last("Host")));
    }

    [Fact]
    public async Task A_setting_that_does_not_change_is_not_signalled()
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        await server.SetAsync(Path, Names.Client, "Host", "s", w => w.WriteString(ClientStory.Settings.Host));
        await server.SetAsync(Path, Names.Client, "Host", "s", w => w.WriteString("other"));
        Assert.Equal(Changed("Host", "s\"other\""), await signals.UntilAsync(Last("Host")));
    }

    [Fact]
    public async Task A_stop_of_the_server_signals_the_removal_of_all_clients()
    {
        await using var server = await BusServer.StartAsync(
            ((string[])["a", "b"]).Select(n => ClientStory.Definition(n, ClientStory.Settings)));
        var signals = await server.ListenAsync();
        await server.StopAsync();
        var lines = await signals.UntilAsync($"{Names.OldServer}.ClientRemoved o\"/clients/b\"");
        Same(
            ["InterfacesRemoved o\"/clients/a\"", "ClientRemoved o\"/clients/a\"", "ClientRemoved o\"/clients/a\"",
                "InterfacesRemoved o\"/clients/b\"", "ClientRemoved o\"/clients/b\"", "ClientRemoved o\"/clients/b\""],
            lines.Select(l => string.Join(' ', l.Split(' ')[1].Split('.')[^1], l.Split(' ')[2])));
    }

    private static void Same(string[] expected, IEnumerable<string> lines) => Assert.Equal(expected, lines);

    private static async Task DeliverAsync(BusServer server)
    {
        await using var answer = await server.Registry.RequestAsync(BusServer.KeyOf("testclient"), "::1", BusServer.Token);
        answer.Delivered = answer.Secret is not null;
    }

    private static IEnumerable<string> Changed(string property, string value) =>
    [
        $"{Path} {Names.Client}.PropertyChanged s\"{property}\" {value}",
        $"{Path} {Names.OldClient}.PropertyChanged s\"{property}\" {value}",
        $"{Path} {Last(property)}: {value}] []",
    ];

    private static IEnumerable<string> Pair(string member, string arguments = "") =>
        ((string[])[Names.Client, Names.OldClient]).Select(i => $"{Path} {i}.{member} {arguments}".TrimEnd());

    private static string Last(string property) => $"{Names.Properties}.PropertiesChanged s\"{Names.Client}\" [s\"{property}\"";

    private static string Signal(string @interface, string member) => $"{@interface}.{member}";
}
