using Mandos.Client.Retrieval;

namespace Mandos.Client.Tests.Retrieval;

/// <summary>The whole loop in virtual time: which servers are tried while the network changes, and what is reported meanwhile.</summary>
public sealed class RetrievalNetworkTests : IAsyncDisposable
{
    private readonly RetrievalRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task The_current_activity_is_reported_once_after_the_delay_and_not_before_an_interface_is_usable()
    {
        _rig.Begin();
        await _rig.PassAsync(5_000);
        Assert.Empty(_rig.Messages.Read());
        _rig.Retrieval!.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        await _rig.PassAsync(1_000);
        Assert.Empty(_rig.Messages.Read());
        await _rig.PassAsync(60_000);
        Assert.Equal(
            ["test: no Mandos server has responded on eth0 yet; still searching (multicast DNS, UDP port 5353)"], _rig.Messages.Read());
    }

    [Fact]
    public async Task No_password_from_the_only_server_is_reported_even_without_an_interface()
    {
        _rig.Begin(new NamedServers([RetrievalRig.Server("[fe80::1%eth0]:9")]), browser: null, TimeSpan.FromSeconds(10));
        await _rig.PassAsync(60_000);
        Assert.Equal(["test: no password from server [fe80::1%eth0]:9 yet (no usable interface); still trying"], _rig.Messages.Read());
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_reported_once_whenever_it_was_connected()
    {
        const string line = "test: server 10.9.9.9:9 has not answered yet; an operator may have to approve the request";
        _rig.Begin(new NamedServers([RetrievalRig.Server("10.9.9.9:9")]), browser: null, TimeSpan.FromSeconds(10));
        var attempt = await _rig.Attempts.NextAsync();
        await _rig.PassAsync(5_000);
        Assert.Equal(["test: no password from server 10.9.9.9:9 yet (no usable interface); still trying"], _rig.Messages.Read());
        attempt.Connect();
        await _rig.PassAsync(1_000);
        Assert.Empty(_rig.Messages.Read());
        await _rig.PassAsync(5_000);
        Assert.Equal([line], _rig.Messages.Read());
        attempt.Fail();
        await _rig.PassAsync(12_000);
        (await _rig.Attempts.NextAsync()).Connect();
        await _rig.PassAsync(60_000);
        Assert.DoesNotContain(line, _rig.Messages.Read());
    }

    [Fact]
    public async Task Named_servers_are_tried_before_any_is_found()
    {
        _rig.Begin("10.9.9.9:9");
        Assert.Equal("10.9.9.9:9", (await _rig.Attempts.NextAsync()).Candidate.ToString());
    }

    [Fact]
    public async Task A_link_local_server_is_tried_when_its_interface_is_usable_and_again_when_it_gets_an_address()
    {
        _rig.Begin("[fe80::1%eth0]:9");
        _rig.Retrieval!.Tell(new RetrievalEvent.InterfaceUsable(4, "eth1"));
        _rig.Retrieval.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        var first = await _rig.Attempts.NextAsync();
        Assert.Equal("[fe80::1%3]:9", first.Candidate.ToString());
        first.Fail();
        _rig.Retrieval.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        // No time passes at all.
        Assert.Equal("[fe80::1%3]:9", (await _rig.Attempts.NextAsync()).Candidate.ToString());
    }

    [Fact]
    public async Task A_hanging_connection_is_restarted_when_the_network_improves()
    {
        _rig.Begin("10.0.0.1:9");
        var hanging = await _rig.Attempts.NextAsync();
        _rig.Retrieval!.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        var again = await _rig.Attempts.NextAsync();
        Assert.True(hanging.Token.IsCancellationRequested);
        Assert.Equal(3, again.InterfaceIndex);
        again.Connect();
        _rig.Retrieval.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        _rig.Retrieval.Tell(new RetrievalEvent.InterfaceUsable(4, "eth1"));
        await _rig.PassAsync(300);
        Assert.False(again.Token.IsCancellationRequested);
        Assert.Equal(0, _rig.Attempts.Waiting);
    }

    [Fact]
    public async Task Discovery_uses_usable_interfaces_and_drops_the_others()
    {
        _rig.Begin();
        _rig.Retrieval!.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        _rig.Retrieval.Tell(new RetrievalEvent.InterfaceGone(3));
        Assert.Equal("use 3", await _rig.Browser.Orders.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal("forget 3", await _rig.Browser.Orders.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_server_is_not_tried_after_its_goodbye_unless_it_has_another_name()
    {
        _rig.Begin();
        _rig.Browser.Found("a", "10.0.0.1");
        _rig.Browser.Found("a2", "10.0.0.1");
        _rig.Browser.Found("b", "10.0.0.2");
        (await _rig.Attempts.NextAsync()).Fail();
        (await _rig.Attempts.NextAsync()).Fail();
        _rig.Browser.Gone("a", "10.0.0.1");
        _rig.Browser.Gone("b", "10.0.0.2");
        Assert.Equal("10.0.0.1:1", (await _rig.LaterAsync()).Candidate.ToString());
        await _rig.PassAsync(1_000);
        Assert.Equal(0, _rig.Attempts.Waiting);
    }
}
