using System.Globalization;
using System.Text.Json;
using Mandos.BusClient;
using Mandos.Control.Commands;
using Mandos.Control.Hosting;

namespace Mandos.Control.Tests;

/// <summary>What the commands make of clients and signals.</summary>
public sealed class CommandTests
{
    private const string Early = "2026-01-01T00:00:00.000000";
    private const string Late = "2026-01-02T00:00:00.000000";

    private static readonly ClientState[] Some =
    [
        Clients.With("enabled", ("Enabled", true), ("LastCheckerStatus", 0L), ("LastCheckedOK", Late), ("Expires", Late)),
        Clients.With("disabled", ("Enabled", false), ("LastCheckerStatus", 1L), ("LastCheckedOK", Early), ("Expires", "")),
        Clients.With("new", ("Enabled", true), ("LastCheckerStatus", -2L), ("LastCheckedOK", ""), ("Expires", Early)),
        Clients.With(
            "failing", ("Enabled", true), ("LastCheckerStatus", 1L), ("LastCheckedOK", Early), ("Expires", Early), ("Maintenance", Late)),
        Clients.With("crashed", ("Enabled", true), ("LastCheckerStatus", -1L), ("LastCheckedOK", Early), ("Expires", Early)),
        Clients.With(
            "asking", ("Enabled", true), ("LastCheckerStatus", 1L), ("LastCheckedOK", Early), ("Expires", Late),
            ("ApprovalPending", true), ("LastApprovalRequest", Early), ("ApprovalDelay", 60_000L)),
    ];

    [Theory]
    [InlineData(null, "enabled disabled new failing crashed asking")]
    [InlineData("pending", "asking")]
    [InlineData("disabled", "disabled")]
    [InlineData("failing", "failing crashed")]
    [InlineData("maintenance", "failing")]
    public void The_list_is_filtered_by_status(string? filter, string expected) =>
        Assert.Equal(expected, string.Join(' ', Some.Where(ListCommand.Filter(filter)).Select(client => client.Name)));

    [Theory]
    [InlineData("name", "asking crashed disabled enabled failing new")]
    [InlineData("expires", "crashed failing new asking enabled disabled")]
    [InlineData("last-check", "new asking crashed disabled failing enabled")]
    public void The_list_is_sorted(string key, string expected) =>
        Assert.Equal(expected, string.Join(' ', ListCommand.Sort(key)(Some).Select(client => client.Name)));

    [Fact]
    public void The_list_says_which_clients_are_in_maintenance() =>
        Assert.Equal(["enabled", "failing, maintenance"], [ListCommand.StatusOf(Some[0]), ListCommand.StatusOf(Some[3])]);

    [Fact]
    public void An_unknown_order_or_filter_is_refused()
    {
        Assert.Throws<UsageError>(() => ListCommand.Sort("host"));
        Assert.Throws<UsageError>(() => ListCommand.Filter("enabled"));
    }

    [Theory]
    [InlineData("PT10M", "late")]
    [InlineData("10min", "late")]
    [InlineData("1d 10m", "early late")]
    [InlineData("0s", "")]
    public void Only_clients_that_were_disabled_within_a_time_are_enabled(string span, string expected)
    {
        var now = DateTimeOffset.Parse("2026-01-02T00:10:00Z", CultureInfo.InvariantCulture);
        ClientState[] clients =
        [
            Clients.With("early", ("Enabled", false), ("LastDisabled", Early)),
            Clients.With("late", ("Enabled", false), ("LastDisabled", Late)),
            Clients.With("back", ("Enabled", true), ("LastDisabled", Late)),
            Clients.With("never", ("Enabled", false), ("LastDisabled", "")),
        ];

        Assert.Equal(
            expected,
            string.Join(' ', EnableCommand.DisabledWithin(clients, Actions.Values.Span(span, ""), now).Select(client => client.Name)));
    }

    [Fact]
    public void With_upstreams_server_nothing_is_enabled_by_time() =>
        Assert.Throws<ControlFailure>(() => EnableCommand.DisabledWithin(
            [Clients.With("a", ("Enabled", false))], TimeSpan.FromHours(1), DateTimeOffset.UnixEpoch));

    [Fact]
    public void A_pending_request_is_decided_after_its_delay()
    {
        Assert.Equal(DateTimeOffset.Parse("2026-01-01T00:01:00Z", CultureInfo.InvariantCulture), Some[^1].Decides());
        Assert.Null(Some[0].Decides());
        Assert.Equal(
            DateTimeOffset.MaxValue,
            Clients.With("a", ("ApprovalPending", true), ("LastApprovalRequest", Early), ("ApprovalDelay", long.MaxValue)).Decides());
    }

    [Theory]
    [InlineData(-5, "0 s")]
    [InlineData(59.9, "59 s")]
    [InlineData(60, "1 min 0 s")]
    [InlineData(3599, "59 min 59 s")]
    [InlineData(86_399, "23 h 59 min")]
    [InlineData(180_000, "2 d 2 h")]
    public void Times_are_rounded_for_people(double seconds, string expected) =>
        Assert.Equal(expected, Moments.Rough(TimeSpan.FromSeconds(seconds)));

    /// <summary>The manual page has this schema: it may grow, and nothing in it may change.</summary>
    [Fact]
    public void JSON_of_a_client_matches_its_schema()
    {
        using var output = new StringWriter();
        ClientJson.Print(output, [Clients.Recorded()[0].With([new("LastCheckerStatus", 1L), new("SecretsGiven", 7L)]), Some[2]]);
        var clients = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.Equal(
            "name=testclient status=failing path=/clients/testclient "
                + "key_id=D99DF7B54A7ED79E5E57CDD9C0461686B1F30E43C8EDC1F4D248ECEB49FCFB23 fingerprint=5FA24BC9E7575BFAE91D7F669ECC09FF3C8A64F1 host=testclient "
                + "checker=echo %(name)s %(host)s %(timeout)s %(last_checked_ok)s %(dbus_object_path)s %(key_id)s %(created)s "
                + "enabled=True approved_by_default=True approval_pending=False checker_running=False "
                + "created=2026-11-23T07:37:04.040905Z last_enabled=2026-11-23T07:37:04.040608Z last_disabled= last_checked_ok= "
                + "expires=2026-11-23T07:52:10.473751Z maintenance= last_approval_request= decides= timeout_ms=300000 extended_timeout_ms=900000 "
                + "interval_ms=120000 approval_delay_ms=0 approval_duration_ms=1000 last_checker_status=1 secrets_given=7",
            string.Join(' ', clients[0].EnumerateObject().Select(member => $"{member.Name}={member.Value}")));
        Assert.Equal(JsonValueKind.Null, clients[1].GetProperty("last_checker_status").ValueKind);
        Assert.Equal(JsonValueKind.Null, clients[1].GetProperty("secrets_given").ValueKind);
    }

    public static TheoryData<ServerSignal, string, string> Signals => new()
    {
        { new ServerSignal.Added(Some[0]), "added", """{"event":"added"}""" },
        { new ServerSignal.Removed("/clients/a"), "removed", """{"event":"removed"}""" },
        {
            new ServerSignal.Changed(
                "/clients/a", new Dictionary<string, object> { ["Enabled"] = false, ["Expires"] = "", ["Timeout"] = 5L }),
            "Enabled = no, Expires = never, Timeout = 5",
            """{"event":"changed","properties":{"Enabled":false,"Expires":"","Timeout":5}}"""
        },
        {
            new ServerSignal.CheckerStarted("/clients/a", "fping a"), "check started: fping a",
            """{"event":"checker_started","command":"fping a"}"""
        },
        {
            new ServerSignal.CheckerCompleted("/clients/a", 0, 0, "fping a"), "check succeeded",
            """{"event":"checker_completed","command":"fping a","exit_code":0,"wait_status":0}"""
        },
        {
            new ServerSignal.CheckerCompleted("/clients/a", 1, 256, "fping a"), "check failed with exit code 1",
            """{"event":"checker_completed","command":"fping a","exit_code":1,"wait_status":256}"""
        },
        {
            // Upstream's wait status, which is not that of wait(2).
            new ServerSignal.CheckerCompleted("/clients/a", -1, -247, "fping a"), "check killed by signal 9",
            """{"event":"checker_completed","command":"fping a","exit_code":-1,"wait_status":-247}"""
        },
        { new ServerSignal.GotSecret("/clients/a"), "received its secret", """{"event":"got_secret"}""" },
        {
            new ServerSignal.NeedApproval("/clients/a", TimeSpan.FromSeconds(90), true),
            "waits for a decision; approved without one in 1 min 30 s",
            """{"event":"need_approval","decides_in_ms":90000,"approved_by_default":true}"""
        },
        {
            new ServerSignal.Rejected("/clients/a", "Denied"), "did not receive its secret: Denied",
            """{"event":"rejected","reason":"Denied"}"""
        },
        {
            new ServerSignal.ExpiresSoon(
                "/clients/a", DateTimeOffset.Parse("2026-01-02T00:00:00Z", CultureInfo.InvariantCulture), TimeSpan.FromSeconds(150), 1,
                "exit status 1: no such host"),
            "will be disabled in 2 min 30 s unless a check succeeds; last check: exit status 1: no such host",
            """{"event":"expires_soon","expires":"2026-01-02T00:00:00.000000Z","left_ms":150000,"last_checker_status":1,"""
                + "\"reason\":\"exit status 1: no such host\"}"
        },
        {
            new ServerSignal.ExpiresSoon("/clients/a", null, TimeSpan.Zero, -2, "none has finished"),
            "will be disabled in 0 s unless a check succeeds; last check: none has finished",
            """{"event":"expires_soon","expires":null,"left_ms":0,"last_checker_status":null,"reason":"none has finished"}"""
        },
        {
            new ServerSignal.ClientNotFound("AB", "fe80::1"),
            "a client with an unknown key asked for a secret: key_id AB, address fe80::1",
            """{"event":"client_not_found","key_id":"AB","address":"fe80::1"}"""
        },
        { new ServerSignal.Appeared(), "the server has started", """{"event":"server_started"}""" },
        { new ServerSignal.Left(), "the server has stopped", """{"event":"server_stopped"}""" },
    };

    [Theory, MemberData(nameof(Signals))]
    public void A_signal_is_printed_as_one_line(ServerSignal signal, string text, string json)
    {
        Assert.Equal(text, SignalDescription.Describe(signal));
        using var output = new StringWriter();
        ClientJson.Print(output, isLine: true, writer =>
        {
            writer.WriteStartObject();
            SignalJson.Write(writer, signal);
            writer.WriteEndObject();
        });
        Assert.Equal(json + "\n", output.ToString());
    }
}
