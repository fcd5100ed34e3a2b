using System.Net;
using CsCheck;
using Mandos.Server.Listening;

namespace Mandos.Server.Tests.Listening;

public sealed class FairQueueTests
{
    private static IPAddress Address(string text) => IPAddress.Parse(text);

    private static List<string> TakeAll(FairQueue<string> queue)
    {
        var taken = new List<string>();
        while (queue.TryTake(out var next))
            taken.Add(next!);
        return taken;
    }

    [Fact]
    public void Many_connections_from_one_address_delay_only_each_other()
    {
        var queue = new FairQueue<string>();
        for (var i = 0; i < 100; i++)
            queue.Add(Address("10.0.0.1"), "flood");
        queue.Add(Address("10.0.0.2"), "client");

        Assert.InRange(TakeAll(queue).IndexOf("client"), 0, 1);
    }

    [Fact]
    public void Link_local_addresses_of_two_links_are_two_networks()
    {
        Assert.NotEqual(NetworkAddress.Of(Address("fe80::1%1")), NetworkAddress.Of(Address("fe80::1%2")));
        Assert.Equal(NetworkAddress.Of(Address("fe80::1%1")), NetworkAddress.Of(Address("fe80::2%1")));
    }

    [Theory]
    [InlineData("fd00:2::", "fd00:1::2")]
    [InlineData("::ffff:10.0.0.", "::ffff:10.0.1.1")]
    public void Many_addresses_of_one_network_delay_only_each_other(string flood, string client)
    {
        var queue = new FairQueue<string>();
        for (var i = 1; i < 100; i++)
            queue.Add(Address($"{flood}{i}"), "flood");
        queue.Add(Address(client), "client");

        Assert.InRange(TakeAll(queue).IndexOf("client"), 0, 1);
    }

    [Fact]
    public void No_entry_is_lost_and_each_address_keeps_its_order() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 3]).Array[0, 60].Sample(waiting =>
        {
            var queue = new FairQueue<(IPAddress Address, int Number)>();
            for (var i = 0; i < waiting.Length; i++)
            {
                var address = Address($"10.0.{waiting[i].Item1}.{waiting[i].Item2}");
                queue.Add(address, (address, i));
            }

            var taken = new List<(IPAddress Address, int Number)>();
            while (queue.TryTake(out var next))
                taken.Add(next);
            Assert.Equal(Enumerable.Range(0, waiting.Length), taken.Select(t => t.Number).Order());
            Assert.All(taken.GroupBy(t => t.Address), own => Assert.Equal(own.Select(t => t.Number).Order(), own.Select(t => t.Number)));
        });

    [Fact]
    public void A_removed_connection_leaves_nothing_behind_and_the_others_keep_their_place() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[1, 3], Gen.Bool).Array[0, 40].Sample(waiting =>
        {
            var queue = new FairQueue<string>();
            var without = new FairQueue<string>();
            for (var i = 0; i < waiting.Length; i++)
                queue.Add(Address($"10.0.{waiting[i].Item1}.{waiting[i].Item2}"), $"{i}");
            for (var i = 0; i < waiting.Length; i++)
            {
                var address = Address($"10.0.{waiting[i].Item1}.{waiting[i].Item2}");
                if (waiting[i].Item3)
                    queue.Remove(address, $"{i}");
                else
                    without.Add(address, $"{i}");
            }

            queue.Remove(Address("10.9.9.9"), "never there");
            Assert.Equal(TakeAll(without).Order(), TakeAll(queue).Order());
            Assert.False(queue.TryTake(out _));
        });
}
