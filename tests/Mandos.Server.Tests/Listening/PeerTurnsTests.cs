using System.Net;
using Mandos.Server.Listening;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Listening;

/// <summary>A site under attack, with one worker, in time that stands still: who is served after whom.</summary>
public sealed class PeerTurnsTests
{
    private readonly HandshakeScheduler _turns = new(1);
    private readonly ProvenAddresses _proven = new();
    private readonly FailedNetworks _failed = new(new FakeTimeProvider());
    private readonly List<string> _order = [];
    private Task _othersAsked = Task.CompletedTask;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private PeerTurns Of(string address) => new(IPAddress.Parse(address), _turns, _proven, _failed);

    /// <summary>
    /// Three steps. A turn is given back once the one before has asked for its next one: then the order is always the same.
    /// </summary>
    private async Task ShakeHandsAsync(string name, PeerTurns peer)
    {
        var asked = new TaskCompletionSource();
        for (var step = 0; step < 3; step++)
        {
            var taking = peer.TakeAsync(Ct);
            asked.TrySetResult();
            using var turn = await taking;
            _order.Add(name);
            await _othersAsked;
            _othersAsked = (asked = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        asked.TrySetResult();
    }

    private async Task FailAsync(string address, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var peer = Of(address);
            using (await peer.TakeAsync(Ct))
                peer.Fail();
        }
    }

    private async Task<List<string>> RunBesideAttackersAsync(string client)
    {
        var busy = await _turns.TakeAsync(IPAddress.Loopback, 0, Ct);
        List<Task> all = [.. Enumerable.Range(0, 200).Select(i => ShakeHandsAsync("attacker", Of($"10.0.{i}.1")))];
        all.Add(ShakeHandsAsync("client", Of(client)));
        busy!.Dispose();
        await Task.WhenAll(all);
        return _order;
    }

    [Fact]
    public async Task The_address_of_a_known_client_is_served_before_two_hundred_others()
    {
        Of("192.0.2.1").Prove();

        var order = await RunBesideAttackersAsync("192.0.2.1");

        // When it asks for its next turn, the last one has just gone to another.
        Assert.Equal(["client", "attacker", "client", "attacker", "client"], order[..5]);
    }

    [Fact]
    public async Task A_new_address_is_served_before_two_hundred_that_failed()
    {
        for (var i = 0; i < 200; i++)
            await FailAsync($"10.0.{i}.77", 1);

        var order = await RunBesideAttackersAsync("192.0.2.1");

        Assert.Equal(["client", "attacker", "client", "attacker", "client"], order[..5]);
    }

    [Fact]
    public async Task A_new_address_waits_for_one_round_of_turns_and_not_for_one_at_each_step()
    {
        var order = await RunBesideAttackersAsync("192.0.2.1");

        Assert.Equal(3, order.Count(name => name == "client"));
        Assert.InRange(order.LastIndexOf("client") - order.IndexOf("client"), 2, 8);
    }

    [Fact]
    public async Task An_address_that_is_shared_with_an_attacker_loses_its_preference()
    {
        Of("192.0.2.1").Prove();
        Assert.True(_proven.Contains(IPAddress.Parse("192.0.2.1")));

        await FailAsync("192.0.2.1", 3);
        Assert.True(_proven.Contains(IPAddress.Parse("192.0.2.1")));
        await FailAsync("192.0.2.1", 1);

        Assert.False(_proven.Contains(IPAddress.Parse("192.0.2.1")));
        Of("192.0.2.1").Prove();
        await FailAsync("192.0.2.1", 3);
        Assert.True(_proven.Contains(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void A_peer_that_never_had_a_slot_has_not_failed()
    {
        Of("192.0.2.1").Fail();

        Assert.Equal(0, _failed.Count(IPAddress.Parse("192.0.2.1")));
    }
}
