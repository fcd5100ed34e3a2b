using Mandos.BusClient;
using Mandos.Notify.Events;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Notify.Tests;

/// <summary>What people are notified of.</summary>
public sealed class NotificationModelTests
{
    private readonly FakeTimeProvider _time = new(Clients.Now);
    private readonly List<Notification> _sent = [];
    private readonly NotificationModel _model;

    public NotificationModelTests() =>
        _model = new("vault", new Uri("https://mandos.example/"), _sent.Add, static _ => { }, _time);

    private IEnumerable<string> Sent => _sent.Select(one => $"{Notification.NameOf(one.Kind)} {string.Join(',', one.Clients)}");

    [Fact]
    public void A_client_that_waits_is_announced_once_until_its_request_is_decided()
    {
        _model.Load([Clients.Enabled("a")]);
        var need = new ServerSignal.NeedApproval("/clients/a", TimeSpan.FromSeconds(30), ApprovedByDefault: false);
        _model.Apply(need);
        _model.Apply(need);
        var one = Assert.Single(_sent);
        Assert.Equal("a waits for approval (server vault)", one.Title);
        Assert.StartsWith("denied without a decision in 30", one.Details, StringComparison.Ordinal);
        Assert.Equal(Clients.Now + TimeSpan.FromSeconds(30), one.Deadline);
        Assert.Equal("https://mandos.example/client?name=a", one.Page?.AbsoluteUri);

        Change("a", "ApprovalPending", true);
        Change("a", "ApprovalPending", false);
        _model.Apply(need);
        Assert.Equal(2, _sent.Count);
        _time.Advance(TimeSpan.FromMinutes(11));
        _model.Apply(need);
        Assert.Equal(3, _sent.Count);
    }

    /// <summary>Its signal came before this program or before the server's list.</summary>
    [Fact]
    public void A_client_that_already_waits_is_announced_with_all_that_is_known()
    {
        _model.Load([Clients.Pending("a")]);
        var one = Assert.Single(_sent);
        Assert.Equal(
            "denied without a decision in 30 s; host a.example, last successful check: never", one.Details);
        Assert.Equal(Clients.Now + TimeSpan.FromSeconds(30), one.Deadline);
    }

    [Fact]
    public void Each_kind_of_event_is_announced()
    {
        _model.Load([Clients.Enabled("a")]);
        var left = TimeSpan.FromMinutes(2);
        _model.Apply(new ServerSignal.ExpiresSoon("/clients/a", Clients.Now + left, left, 1, "exit status 1: no such host"));
        Change("a", "Enabled", false);
        _model.Apply(new ServerSignal.GotSecret("/clients/a"));
        _model.Apply(new ServerSignal.ClientNotFound("00ff", "fe80::1"));
        Assert.Equal(["expires_soon a", "disabled a", "delivered a", "unknown_key "], Sent);
        Assert.Contains("no such host", _sent[0].Details, StringComparison.Ordinal);
        Assert.Equal("key_id 00ff, address fe80::1", _sent[3].Details);
    }

    [Fact]
    public void What_changes_nothing_for_people_is_not_announced()
    {
        _model.Load([Clients.Enabled("a"), Clients.Disabled("b")]);
        Change("a", "LastCheckedOK", "2026-11-30T12:00:00Z");
        Change("b", "Enabled", true);
        _model.Apply(new ServerSignal.CheckerCompleted("/clients/a", 1, 256, "false"));
        _model.Apply(new ServerSignal.Added(Clients.Enabled("c")));
        _model.Apply(new ServerSignal.Removed("/clients/a"));
        _model.Apply(new ServerSignal.GotSecret("/clients/a"));
        Assert.Empty(_sent);
    }

    [Fact]
    public void A_client_that_was_disabled_while_the_server_was_away_is_announced()
    {
        _model.Load([Clients.Enabled("a"), Clients.Enabled("b")]);
        _model.Apply(new ServerSignal.Left());
        _model.AwaitList();
        _model.Load([Clients.Disabled("a"), Clients.Enabled("b")]);
        Assert.Equal(["disabled a"], Sent);
    }

    [Fact]
    public void A_client_that_waits_at_the_start_is_announced()
    {
        _model.Load([Clients.Pending("a")]);
        Assert.Equal(["waiting a"], Sent);
    }

    /// <summary>Any peer on the network can present keys.</summary>
    [Fact]
    public void Unknown_keys_are_limited()
    {
        _model.Load([]);
        for (var i = 0; i < 1000; i++)
            _model.Apply(new ServerSignal.ClientNotFound($"{i}", "fe80::1"));
        Assert.Equal(64, _sent.Count);
        _time.Advance(TimeSpan.FromMinutes(11));
        _model.Apply(new ServerSignal.ClientNotFound("0", "fe80::1"));
        Assert.Equal(65, _sent.Count);
    }

    private void Change(string client, string property, object value) =>
        _model.Apply(new ServerSignal.Changed($"/clients/{client}", new Dictionary<string, object> { [property] = value }));
}
