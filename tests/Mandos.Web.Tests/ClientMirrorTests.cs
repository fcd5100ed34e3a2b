using Mandos.BusClient;
using Mandos.Web.Following;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Web.Tests;

/// <summary>The clients as signals change them, and the events that pages get.</summary>
public sealed class ClientMirrorTests
{
    private readonly ClientMirror _mirror = new(new FakeTimeProvider(Clients.Now));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Signals_change_the_clients_and_are_kept_as_events()
    {
        _mirror.Load([Clients.Enabled("a"), Clients.Enabled("b")]);
        _mirror.Apply(new ServerSignal.Changed("/clients/a", new Dictionary<string, object> { ["Enabled"] = false }));
        _mirror.Apply(new ServerSignal.Rejected("/clients/a", "Disabled"));
        _mirror.Apply(new ServerSignal.GotSecret("/clients/b"));
        _mirror.Apply(new ServerSignal.Added(Clients.Enabled("c")));
        _mirror.Apply(new ServerSignal.Removed("/clients/b"));

        Assert.Equal(["a", "c"], _mirror.Image().Clients.Select(client => client.Name));
        Assert.Equal(ClientStatus.Disabled, _mirror.Find("a")!.Status());
        Assert.Equal(["did not receive its secret: Disabled"], _mirror.EventsOf("a", 10).Select(one => one.Text));
        Assert.Equal(["removed", "received its secret"], _mirror.EventsOf("b", 10).Select(one => one.Text));
        Assert.Equal(["removed"], _mirror.EventsOf("b", 1).Select(one => one.Text));
    }

    [Fact]
    public void Events_have_a_limit()
    {
        _mirror.Load([Clients.Enabled("a")]);
        for (var i = 0; i < ClientMirror.MostEvents + 10; i++)
            _mirror.Apply(new ServerSignal.Rejected("/clients/a", $"{i}"));
        var events = _mirror.EventsOf("a", int.MaxValue);
        Assert.Equal((ClientMirror.MostEvents, "did not receive its secret: 10"), (events.Count, events[^1].Text));
    }

    [Fact]
    public void A_server_that_leaves_takes_its_clients_with_it()
    {
        _mirror.Load([Clients.Enabled("a")]);
        _mirror.Apply(new ServerSignal.Left());
        Assert.Equal((false, 0), (_mirror.Image().HasServer, _mirror.Image().Clients.Count));
    }

    [Fact]
    public async Task A_wait_ends_with_the_next_change()
    {
        var first = await _mirror.WaitAsync(-1, Token);
        var wait = _mirror.WaitAsync(first, Token);
        Assert.False(wait.IsCompleted);
        _mirror.Load([]);
        Assert.NotEqual(first, await wait);
    }

    /// <summary>With thousands of clients, such changes come several times a second.</summary>
    [Fact]
    public async Task What_each_successful_check_changes_does_not_end_a_wait()
    {
        _mirror.Load([Clients.Enabled("a")]);
        var (version, details) = (await _mirror.WaitAsync(-1, Token), _mirror.DetailVersion);
        var wait = _mirror.WaitAsync(version, Token);
        _mirror.Apply(new ServerSignal.CheckerStarted("/clients/a", "fping"));
        _mirror.Apply(new ServerSignal.CheckerCompleted("/clients/a", 0, 0, "fping"));
        var times = new Dictionary<string, object> { ["Expires"] = "2026-11-30T12:09:00Z", ["LastCheckedOK"] = "2026-11-30T12:04:00Z" };
        _mirror.Apply(new ServerSignal.Changed("/clients/a", times));
        Assert.False(wait.IsCompleted);
        Assert.Equal(details + 3, _mirror.DetailVersion);
        // They would displace what an operator wants to know.
        Assert.Empty(_mirror.EventsOf("a", 10));
        Assert.Equal("2026-11-30T12:09:00Z", _mirror.Find("a")!.Text("Expires"));
        _mirror.Apply(new ServerSignal.Changed("/clients/a", new Dictionary<string, object> { ["Expires"] = "", ["Enabled"] = false }));
        Assert.Equal(version + 1, await wait);
    }

    [Fact]
    public async Task A_page_gets_an_event_at_once_and_one_for_several_changes()
    {
        var browser = new Browser();
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestAborted = leaves.Token };
        context.Request.Method = "GET";
        Browser.SetAddress(context.Request, "/events", Browser.Host);
        context.Request.Headers["Remote-User"] = "vera";
        context.Response.Body = body;

        var serving = browser.HandleAsync(context);
        browser.Mirror.Load([Clients.Enabled("a")]);
        browser.Mirror.Apply(new ServerSignal.GotSecret("/clients/a"));
        browser.Time.Advance(TimeSpan.FromSeconds(1));
        await Until(() => Text().Contains("id: 3", StringComparison.Ordinal));
        browser.Time.Advance(TimeSpan.FromSeconds(1));
        browser.Time.Advance(TimeSpan.FromSeconds(11));
        await Until(() => Text().EndsWith("\n:\n\n", StringComparison.Ordinal));
        browser.Mirror.Apply(new ServerSignal.CheckerStarted("/clients/a", "fping"));
        await Until(() => Text().LastIndexOf("id: 3", StringComparison.Ordinal) > Text().IndexOf("\n:\n", StringComparison.Ordinal));
        await leaves.CancelAsync();
        await serving;

        Assert.Equal("text/event-stream", context.Response.ContentType);
        Assert.StartsWith("id: 1\ndata: changed\n\nid: 3\ndata: changed\n\n:\n\n", Text(), StringComparison.Ordinal);

        string Text() => System.Text.Encoding.UTF8.GetString(body.ToArray());

        async Task Until(Func<bool> happened)
        {
            for (var attempt = 0; !happened(); attempt++)
            {
                Assert.True(attempt < 2000, Text());
                await Task.Delay(5, Token);
                // The stream may begin to wait after the clock was moved.
                browser.Time.Advance(TimeSpan.FromMilliseconds(300));
            }
        }
    }
}
