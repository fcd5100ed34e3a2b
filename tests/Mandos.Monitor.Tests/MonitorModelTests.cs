using Mandos.BusClient;
using Mandos.Monitor.Following;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Monitor.Tests;

public sealed class MonitorModelTests
{
    private readonly MonitorModel _model = new(new FakeTimeProvider(Clients.Now));

    private IEnumerable<string> Log => _model.Log.Lines.Select(line => (line.Kind == EventKind.Warning ? "! " : "") + line.Event);

    public static TheoryData<string, string, bool> Events => new()
    {
        { "secret", "a: received its secret", false },
        { "approval", "! a: waits for a decision; denied without one in 30 s", false },
        { "rejected", "! a: did not receive its secret: Denied", false },
        { "unknown", "! a client with an unknown key asked for a secret: key_id 12ab, address 192.0.2.1", false },
        { "expires", "! a: will be disabled in 30 s unless a check succeeds; last check: exit status 1", false },
        { "failed", "! a: check failed with exit code 1", false },
        { "killed", "! a: check killed by signal 9", false },
        { "removed", "a: removed", false },
        { "left", "! the server has stopped", false },
        { "started", "a: check started: fping a", true },
        { "succeeded", "a: check succeeded", true },
        { "added", "b: added", true },
    };

    [Theory, MemberData(nameof(Events))]
    public void Every_event_is_logged_or_only_if_everything_is(string name, string text, bool onlyVerbose)
    {
        ServerSignal signal = name switch
        {
            "secret" => new ServerSignal.GotSecret("/clients/a"),
            "approval" => new ServerSignal.NeedApproval("/clients/a", TimeSpan.FromSeconds(30), false),
            "rejected" => new ServerSignal.Rejected("/clients/a", "Denied"),
            "unknown" => new ServerSignal.ClientNotFound("12ab", "192.0.2.1"),
            "expires" => new ServerSignal.ExpiresSoon("/clients/a", null, TimeSpan.FromSeconds(30), 1, "exit status 1"),
            "failed" => new ServerSignal.CheckerCompleted("/clients/a", 1, 256, "fping a"),
            "killed" => new ServerSignal.CheckerCompleted("/clients/a", -1, 9, "fping a"),
            "removed" => new ServerSignal.Removed("/clients/a"),
            "left" => new ServerSignal.Left(),
            "started" => new ServerSignal.CheckerStarted("/clients/a", "fping a"),
            "succeeded" => new ServerSignal.CheckerCompleted("/clients/a", 0, 0, "fping a"),
            _ => new ServerSignal.Added(Clients.Enabled("b")),
        };
        _model.Load([Clients.Enabled("a")]);
        var before = Log.Count();
        _model.Apply(signal);
        Assert.Equal(onlyVerbose ? [] : [text], Log.Skip(before));
        _model.IsVerbose = true;
        if (onlyVerbose)
            _model.Apply(signal);
        Assert.Equal(text, Log.Last());
    }

    [Fact]
    public void Signals_that_arrive_before_the_list_are_applied_to_it()
    {
        _model.AwaitList();
        _model.Apply(new ServerSignal.Removed("/clients/a"));
        _model.Apply(new ServerSignal.Changed("/clients/b", new Dictionary<string, object> { ["Enabled"] = false }));
        _model.Load([Clients.Enabled("a"), Clients.Enabled("b")]);
        Assert.Null(_model.Clients.Find("/clients/a"));
        Assert.Equal(ClientStatus.Disabled, _model.Clients.Find("/clients/b")!.Status());
    }

    [Fact]
    public void A_server_that_goes_takes_its_clients_with_it_and_is_awaited()
    {
        _model.Load(null);
        _model.Load(null);
        Assert.False(_model.HasServer);
        _model.Load([Clients.Enabled("a")]);
        _model.Apply(new ServerSignal.Left());
        Assert.Equal((0, false), (_model.Clients.Count, _model.HasServer));
        Assert.Equal(
            ["! no Mandos server is on the system bus; waiting for one", "connected to the Mandos server: 1 client",
                "! the server has stopped"],
            Log);
    }

    [Fact]
    public void A_server_that_stops_does_not_fill_the_log_with_its_clients()
    {
        _model.Load([Clients.Enabled("a"), Clients.Enabled("b"), Clients.Enabled("c")]);
        _model.Apply(new ServerSignal.Removed("/clients/a"));
        _model.Apply(new ServerSignal.GotSecret("/clients/b"));
        _model.Apply(new ServerSignal.Removed("/clients/b"));
        _model.Apply(new ServerSignal.Removed("/clients/c"));
        _model.Apply(new ServerSignal.Left());
        Assert.Equal(["a: removed", "b: received its secret", "! the server has stopped"], Log.Skip(1));
    }

    [Fact]
    public void The_log_keeps_a_thousand_lines()
    {
        for (var i = 0; i < 1500; i++)
            _model.Note(FormattableString.Invariant($"{i}"));
        Assert.Equal((1000, "500"), (_model.Log.Lines.Count, Log.First()));
    }
}
