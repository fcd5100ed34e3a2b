using System.Net;
using CsCheck;
using Mandos.Server.Listening;
using Mandos.Server.Tests.Clients;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Listening;

public sealed class PendingConnectionsTests
{
    private static readonly IPAddress One = IPAddress.Parse("10.0.0.1");
    private static readonly FakeTimeProvider Clock = new();
    private static readonly IPAddress Two = IPAddress.Parse("10.0.0.2");

    [Fact]
    public void At_the_limit_the_longest_waiting_one_is_dropped()
    {
        var pending = new PendingConnections(most: 2, mostOfOne: 2, Clock);
        var first = pending.Add(One, CancellationToken.None);
        var second = pending.Add(Two, CancellationToken.None);
        var third = pending.Add(Two, CancellationToken.None);

        Assert.Equal(
            (true, false, false),
            (first.Token.IsCancellationRequested, second.Token.IsCancellationRequested, third.Token.IsCancellationRequested));
        Assert.Equal((1, 0), (pending.TakeGivenUp(), pending.TakeGivenUp()));
    }

    [Fact]
    public void An_address_at_its_limit_displaces_only_its_own_connections()
    {
        var pending = new PendingConnections(most: 10, mostOfOne: 2, Clock);
        var other = pending.Add(Two, CancellationToken.None);
        var own = Enumerable.Range(0, 5).Select(_ => pending.Add(One, CancellationToken.None)).ToList();

        Assert.False(other.Token.IsCancellationRequested);
        Assert.Equal([true, true, true, false, false], own.Select(c => c.Token.IsCancellationRequested));
    }

    [Fact]
    public void A_connection_that_has_shown_a_known_key_is_never_dropped()
    {
        var pending = new PendingConnections(most: 1, mostOfOne: 1, Clock);
        var known = pending.Add(One, CancellationToken.None);
        pending.Remove(known);
        pending.Remove(known);
        pending.Add(One, CancellationToken.None);

        Assert.False(known.Token.IsCancellationRequested);
        Assert.Equal(1, pending.Count);
    }

    /// <summary>Time servers and suspends make the wall clock jump.</summary>
    [Fact]
    public void Setting_the_clock_back_does_not_make_a_silent_connection_newer_than_one_with_a_greeting()
    {
        var clock = new TwoClocks();
        var pending = new PendingConnections(most: 2, mostOfOne: 2, clock);
        var silent = pending.Add(One, CancellationToken.None);
        clock.Jump = -TimeSpan.FromHours(1);
        clock.Advance(TimeSpan.FromSeconds(1));
        var greeted = pending.Add(Two, CancellationToken.None);
        pending.Advance(greeted);
        pending.Add(Two, CancellationToken.None);

        Assert.Equal((true, false), (silent.Token.IsCancellationRequested, greeted.Token.IsCancellationRequested));
    }

    [Fact]
    public void The_number_of_pending_connections_never_exceeds_the_limit() =>
        Gen.Select(Gen.Int[0, 3], Gen.Bool).Array[1, 60].Sample(steps =>
        {
            var pending = new PendingConnections(most: 5, mostOfOne: 2, Clock);
            var alive = new List<PendingConnection>();
            foreach (var (address, remove) in steps)
            {
                if (remove && alive.Count > 0)
                {
                    pending.Remove(alive[0]);
                    alive.RemoveAt(0);
                }
                else
                {
                    alive.Add(pending.Add(new IPAddress([10, 0, 0, (byte)address]), CancellationToken.None));
                    alive.RemoveAll(c => c.Token.IsCancellationRequested);
                }

                Assert.Equal(alive.Count, pending.Count);
                Assert.InRange(alive.Count, 0, 5);
                Assert.All(alive.GroupBy(c => c.Address), own => Assert.InRange(own.Count(), 1, 2));
            }
        });
}
