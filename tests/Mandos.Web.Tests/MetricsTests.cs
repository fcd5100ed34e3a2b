using System.Text;
using Mandos.BusClient;
using Mandos.Web.Following;
using Mandos.Web.Metrics;
using Mandos.Web.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Web.Tests;

/// <summary>What a scraper gets.</summary>
public sealed class MetricsTests
{
    private readonly FakeTimeProvider _time = new(Clients.Now);

    [Fact]
    public void The_text_has_clients_by_state_the_next_end_and_the_counters()
    {
        var image = new MirrorImage(
            true,
            [
                Clients.Enabled("a"), Clients.Enabled("b"), Clients.Disabled("c"), Clients.Failing("d", "2026-11-30T12:01:40.5Z"),
                Clients.Pending("e"),
            ],
            null);
        var counters = new Dictionary<string, ulong>
        {
            ["handshakes.done"] = 7,
            ["delivered.confirmed"] = 3,
            ["refused.disabled"] = 2,
            ["checks.succeeded"] = 40,
            ["checks.failed"] = 10,
            ["checks.microseconds"] = 1_500_000,
            ["saves.done"] = 5,
            ["saves.failed"] = 1,
            ["saves.microseconds"] = 250,
        };

        Assert.Equal(
            """
            # TYPE mandos_up gauge
            # HELP mandos_up Whether the Mandos server is on the system bus.
            mandos_up 1
            # TYPE mandos_build info
            # HELP mandos_build The version of the Mandos server.
            mandos_build_info{version="1.2.3"} 1
            # TYPE mandos_clients gauge
            # HELP mandos_clients Clients by state; a client that waits for a decision counts as pending.
            mandos_clients{state="pending"} 1
            mandos_clients{state="disabled"} 1
            mandos_clients{state="failing"} 1
            mandos_clients{state="enabled"} 2
            # TYPE mandos_next_disable_seconds gauge
            # UNIT mandos_next_disable_seconds seconds
            # HELP mandos_next_disable_seconds Time until the next client is disabled unless a check succeeds.
            mandos_next_disable_seconds 100.5
            # TYPE mandos_handshakes counter
            # HELP mandos_handshakes TLS handshakes by result.
            mandos_handshakes_total{result="done"} 7
            # TYPE mandos_deliveries counter
            # HELP mandos_deliveries Secrets that were sent, by outcome.
            mandos_deliveries_total{outcome="confirmed"} 3
            # TYPE mandos_refusals counter
            # HELP mandos_refusals Requests that got no secret, by reason.
            mandos_refusals_total{reason="disabled"} 2
            # TYPE mandos_check_duration_seconds summary
            # UNIT mandos_check_duration_seconds seconds
            # HELP mandos_check_duration_seconds Checks that ended by themselves.
            mandos_check_duration_seconds_count 50
            mandos_check_duration_seconds_sum 1.5
            # TYPE mandos_checks counter
            # HELP mandos_checks Checks that ended by themselves, by result.
            mandos_checks_total{result="failed"} 10
            mandos_checks_total{result="succeeded"} 40
            # TYPE mandos_store_save_duration_seconds summary
            # UNIT mandos_store_save_duration_seconds seconds
            # HELP mandos_store_save_duration_seconds Transactions of the store.
            mandos_store_save_duration_seconds_count 6
            mandos_store_save_duration_seconds_sum 0.00025
            # TYPE mandos_store_saves counter
            # HELP mandos_store_saves Transactions of the store, by result.
            mandos_store_saves_total{result="done"} 5
            mandos_store_saves_total{result="failed"} 1
            # EOF

            """,
            ServerMetrics.Text(image, counters, "1.2.3", _time.GetUtcNow()));
    }

    [Fact]
    public void Without_a_server_the_text_says_only_that()
    {
        Assert.Equal(
            """
            # TYPE mandos_up gauge
            # HELP mandos_up Whether the Mandos server is on the system bus.
            mandos_up 0
            # EOF

            """,
            ServerMetrics.Text(new(false, [], "the connection is lost"), null, null, _time.GetUtcNow()));
    }

    [Fact]
    public void Labels_are_escaped()
    {
        var text = new OpenMetrics();
        text.Family("a", "gauge", "One\nline.");
        text.Sample(1.5, "", ("b", "\"\\\n"));
        Assert.Equal("# TYPE a gauge\n# HELP a One\\nline.\na{b=\"\\\"\\\\\\n\"} 1.5\n# EOF\n", text.End());
    }

    [Theory]
    [InlineData(true, "/healthz", 200, "ok\n")]
    [InlineData(false, "/healthz", 503, "no Mandos server is on the system bus\n")]
    [InlineData(true, "/", 404, "")]
    public async Task The_health_is_that_of_the_server(bool hasServer, string path, int status, string body)
    {
        var mirror = new ClientMirror(_time);
        mirror.Load(hasServer ? [] : null);
        Assert.Equal((status, body), await GetAsync(mirror, path));
    }

    [Fact]
    public async Task A_server_without_counters_still_has_clients()
    {
        var mirror = new ClientMirror(_time);
        mirror.Load([Clients.Enabled("a")]);
        var (status, body) = await GetAsync(mirror, "/metrics");
        Assert.Equal(200, status);
        Assert.Contains("mandos_clients{state=\"enabled\"} 1\n", body, StringComparison.Ordinal);
        Assert.DoesNotContain("_total", body, StringComparison.Ordinal);
    }

    /// <summary>The request may be what has started the program.</summary>
    [Fact]
    public async Task A_request_waits_until_it_is_known_whether_there_is_a_server_but_not_forever()
    {
        var mirror = new ClientMirror(_time);
        var early = GetAsync(mirror, "/healthz");
        var endless = GetAsync(new ClientMirror(_time), "/healthz");
        Assert.False(early.IsCompleted);
        mirror.Load([]);
        Assert.Equal((200, "ok\n"), await early);
        Assert.False(endless.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((503, "no Mandos server is on the system bus\n"), await endless);
    }

    private async Task<(int Status, string Body)> GetAsync(ClientMirror mirror, string path)
    {
        var handler = new MetricsHandler(
            mirror, static _ => Task.FromException(new BusFailure(BusFailureKind.NotMandos, "no such interface")), _time);
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Path = path;
        var body = new MemoryStream();
        context.Response.Body = body;
        await handler.HandleAsync(context);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(body.ToArray()));
    }
}
