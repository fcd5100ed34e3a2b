using System.Net;
using Mandos.Client.Retrieval;

namespace Mandos.Client.Tests.Retrieval;

public sealed class RetrievalReportTests : IDisposable
{
    private readonly MessageCapture _messages = new();
    private readonly RetrievalReport _report;

    public RetrievalReportTests() => _report = new(_messages.Messages, server => server.EndPoint.Port == 9, isRehearsal: false);

    public void Dispose() => _messages.Dispose();

    [Fact]
    public void Each_failure_is_reported_once_per_server_and_reason()
    {
        foreach (var detail in (string[])["refused", "no answer", "refused", "no answer"])
        {
            _report.Failed(Server(1), new(null, detail, AttemptFailure.Broken));
            _report.Failed(Server(2), new(null, detail));
        }

        Assert.Equal(
            ["server 10.0.0.1:1: refused", "server 10.0.0.2:1: refused", "server 10.0.0.1:1: no answer", "server 10.0.0.2:1: no answer"],
            _messages.Read().Select(line => line["test: warning: ".Length..]));
    }

    [Fact]
    public void A_rehearsal_reports_each_step_and_a_flood_of_servers_only_in_part()
    {
        var report = new RetrievalReport(_messages.Messages, _ => false, isRehearsal: true);
        report.Using("eth0");
        report.Found("Mandos \u001b[2J", Server(1));
        report.Received(Server(1));
        Assert.Equal(
            [
                "test: using interface eth0", "test: found server \"Mandos \\u001b[2J\" at 10.0.0.1:1",
                "test: server 10.0.0.1:1 delivered the password",
            ],
            _messages.Read());
        for (var i = 0; i < 100; i++)
            report.Found("flood", Server(2));
        Assert.Equal(19, _messages.Read().Count);
    }

    [Fact]
    public void A_fetch_at_boot_does_not_report_each_step()
    {
        _report.Using("eth0");
        _report.Found("Mandos", Server(1));
        _report.Received(Server(1));
        Assert.Empty(_messages.Read());
    }

    [Fact]
    public void Unreachable_servers_are_reported_if_this_lasts()
    {
        _report.Failed(Server(1), new(null, "network is unreachable", AttemptFailure.Unreachable));
        _report.Failed(Server(2), new(null, "network is unreachable", AttemptFailure.Unreachable));
        _report.Failed(Server(2), new(null, "refused", AttemptFailure.Broken));
        Assert.Equal(["test: warning: server 10.0.0.2:1: refused"], _messages.Read());

        _report.Overdue(["eth0"], only: "10.0.0.1:1", found: 0);
        Assert.Equal(
            ["test: warning: server 10.0.0.1:1: network is unreachable",
                "test: no password from server 10.0.0.1:1 yet (usable interfaces: eth0); still trying"],
            _messages.Read());

        _report.Failed(Server(1), new(null, "network is unreachable", AttemptFailure.Unreachable));
        _report.Failed(Server(3), new(null, "no route to host", AttemptFailure.Unreachable));
        Assert.Equal(["test: warning: server 10.0.0.3:1: no route to host"], _messages.Read());
    }

    [Theory]
    [InlineData(0, "test: no Mandos server has responded on eth0, eth1 yet; still searching (multicast DNS, UDP port 5353)")]
    [InlineData(1, "test: 1 Mandos server found on eth0, eth1, no password yet; still trying")]
    [InlineData(2, "test: 2 Mandos servers found on eth0, eth1, no password yet; still trying")]
    public void The_current_activity_is_reported(int found, string line)
    {
        _report.Overdue(["eth0", "eth1"], only: null, found);
        Assert.Equal([line], _messages.Read());
    }

    [Theory]
    [InlineData("eth0 eth1", "test: no password from server [fe80::1%eth0]:4711 yet (usable interfaces: eth0, eth1); still trying")]
    [InlineData("", "test: no password from server [fe80::1%eth0]:4711 yet (no usable interface); still trying")]
    public void The_only_server_and_the_interfaces_are_reported(string links, string line)
    {
        _report.Overdue(links.Split(' ', StringSplitOptions.RemoveEmptyEntries), only: "[fe80::1%eth0]:4711", found: 0);
        Assert.Equal([line], _messages.Read());
    }

    [Fact]
    public void Reports_about_many_failing_servers_are_limited_but_named_servers_are_always_reported()
    {
        for (var host = 0; host < 100; host++)
            _report.Failed(Server(host), new(null, "refused"));
        Assert.Equal(21, _messages.Read().Count);
        _report.Failed(Server(200, port: 9), new(null, "refused"));
        Assert.Equal(["test: warning: server 10.0.0.200:9: refused"], _messages.Read());
    }

    private static Candidate Server(int host, int port = 1) => new(new IPEndPoint(new IPAddress([10, 0, 0, (byte)host]), port), 3);
}
