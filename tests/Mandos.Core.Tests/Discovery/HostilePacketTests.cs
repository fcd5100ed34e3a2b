using System.Net;
using CsCheck;
using Mandos.Core.Discovery.Browsing;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Tests.Discovery;

/// <summary>What a browser drops, and what it does about too much of what it does not.</summary>
public sealed class HostilePacketTests
{
    private readonly SimulatedNetwork _network = new();

    private static SentPacket Good => Packets.Response(Packets.Service("Mandos", "vm", 4711, "fe80::1"));

    [Fact]
    public async Task An_answer_from_another_port_is_dropped_and_counted()
    {
        await using var client = Receive(Good with { SourcePort = 5354 });
        Assert.Empty(client.Events);
        Assert.Equal(1, client.Browser.Statistics.WrongSourcePort);
    }

    [Theory]
    [InlineData(254)]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task An_answer_to_the_group_that_may_have_come_through_a_router_is_dropped_and_counted(int hopLimit)
    {
        await using var client = Receive(Good with { HopLimit = hopLimit, FromNeighbour = false });
        Assert.Empty(client.Events);
        Assert.Equal(1, client.Browser.Statistics.OffLink);
    }

    [Theory]
    [InlineData(255, false)]
    [InlineData(254, true)]
    [InlineData(1, true)]
    public async Task An_answer_to_the_group_is_taken_with_the_full_hop_limit_or_from_an_address_on_the_link(
        int hopLimit, bool fromNeighbour)
    {
        await using var client = Receive(Good with { HopLimit = hopLimit, FromNeighbour = fromNeighbour });
        Assert.NotEmpty(client.Events);
        Assert.Equal(0, client.Browser.Statistics.OffLink);
    }

    [Theory]
    [InlineData(254)]
    [InlineData(64)]
    [InlineData(-1)]
    public async Task A_unicast_answer_that_may_have_come_through_a_router_is_dropped_and_counted(int hopLimit)
    {
        await using var client = Receive(Good with { HopLimit = hopLimit, Destination = IPAddress.Parse("fe80::c") });
        Assert.Empty(client.Events);
        Assert.Equal(1, client.Browser.Statistics.OffLink);
    }

    [Fact]
    public async Task A_unicast_answer_from_a_host_that_is_no_neighbour_is_dropped_and_counted()
    {
        await using var client = Receive(Good with { FromNeighbour = false, Destination = IPAddress.Parse("fe80::c") });
        Assert.Empty(client.Events);
        Assert.Equal(1, client.Browser.Statistics.OffLink);
    }

    [Fact]
    public async Task A_malformed_packet_is_dropped_and_counted()
    {
        await using var client = Receive(Good with { Bytes = Good.Bytes[..^1] });
        Assert.Empty(client.Events);
        Assert.Equal(1, client.Browser.Statistics.Malformed);
    }

    [Fact]
    public async Task A_one_shot_answer_with_another_number_is_dropped_and_counted()
    {
        await using var client = Receive(Good with { Destination = IPAddress.Parse("fe80::c"), DestinationPort = 40000 });
        Assert.Empty(client.Events);
        Assert.Equal(1, client.Browser.Statistics.Malformed);
    }

    [Theory]
    [InlineData(0x8403)] // name error
    [InlineData(0xA400)] // another operation
    public async Task An_answer_that_is_no_plain_one_is_ignored(int flags)
    {
        await using var client = Receive(Packets.Message((ushort)flags, [], Packets.Service("Mandos", "vm", 4711, "fe80::1"), []));
        Assert.Empty(client.Events);
    }

    [Theory]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("::ffff:224.0.0.251")]
    [InlineData("0.0.0.0")]
    [InlineData("127.0.0.1")]
    [InlineData("224.0.0.251")]
    [InlineData("255.255.255.255")]
    public async Task An_address_that_is_no_hosts_is_not_reported(string address)
    {
        await using var client = Receive(Packets.Response(Packets.Service("Mandos", "vm", 4711, address)));
        Assert.Empty(client.Events);
    }

    [Fact]
    public async Task An_IPv4_address_in_the_form_of_an_IPv6_one_is_reported_as_what_it_is()
    {
        await using var client = Receive(Packets.Response(Packets.Service("Mandos", "vm", 4711, "::ffff:192.0.2.1")));
        Assert.Equal(["192.0.2.1:4711"], client.Events.Select(e => e.EndPoint.ToString()).Distinct());
    }

    [Fact]
    public async Task A_service_without_port_or_of_another_type_is_not_reported()
    {
        var other = DnsName.Parse("_ssh._tcp.local");
        await using var client = Receive(
            Packets.Response(Packets.Service("Mandos", "vm", 0, "fe80::1")),
            Packets.Response(DnsRecord.Ptr(other, other.Child("Mandos"u8), 4500)),
            Packets.Response(DnsRecord.Ptr(Packets.Type, other.Child("Mandos"u8), 4500)));
        Assert.Empty(client.Events);
    }

    [Fact]
    public async Task Packets_on_other_interfaces_are_counted_and_ignored()
    {
        await using var client = Receive();
        client.Browser.ForgetInterface(SimulatedNetwork.Interface);
        var before = client.Browser.Statistics.WrongInterface;
        _network.Send(Good);
        _network.Run(0.01);
        Assert.Empty(client.Events);
        Assert.Equal(before + 1, client.Browser.Statistics.WrongInterface);
    }

    [Fact]
    public async Task A_flood_of_instances_keeps_the_newest_thirty_two()
    {
        await using var client = Receive();
        for (var i = 0; i < 1000; i++)
        {
            _network.Send(Packets.Response(Packets.Service($"Mandos #{i}", $"vm{i}", 4711, $"fe80::1:{i:x}")));
            _network.Run(0.001);
        }

        Assert.Equal(ServiceCache.MaxInstances, client.Present.Count);
        Assert.True(client.Browser.Statistics.LimitReached > 900);
        _network.Send(Good);
        _network.Run(0.01);
        Assert.Contains(client.Events, e => e is { Found: true, InstanceName: "Mandos" });
    }

    [Fact]
    public async Task A_flood_of_services_of_one_instance_keeps_four()
    {
        await using var client = Receive();
        for (ushort port = 1; port <= 100; port++)
            _network.Send(Packets.Response(Packets.Service("Mandos", "vm", port, "fe80::1").Select(NoFlush).ToArray()));
        _network.Run(0.01);
        Assert.Equal(ServiceCache.MaxServicesOfOneInstance, client.Present.Count);
    }

    [Fact]
    public async Task A_flood_of_addresses_of_one_host_keeps_sixteen()
    {
        await using var client = Receive();
        for (var i = 1; i <= 100; i++)
            _network.Send(Packets.Response(Packets.Service("Mandos", "vm", 4711, $"fe80::{i:x}").Select(NoFlush).ToArray()));
        _network.Run(0.01);
        Assert.Equal(ServiceCache.MaxAddressesOfOneHost, client.Present.Count);
    }

    [Fact]
    public async Task Many_hosts_with_many_addresses_keep_128()
    {
        await using var client = Receive();
        for (var host = 0; host < 20; host++)
        {
            var addresses = Enumerable.Range(1, 10).Select(i => $"fe80::{host:x}:{i:x}").ToArray();
            _network.Send(Packets.Response(Packets.Service($"Mandos #{host}", $"vm{host}", 4711, addresses)));
        }

        _network.Run(0.01);
        Assert.Equal(ServiceCache.MaxAddresses, client.Present.Count);
    }

    [Fact]
    public async Task A_flood_of_incomplete_instances_makes_few_queries()
    {
        await using var client = Receive();
        _network.Sent.Clear();
        for (var i = 0; i < 1000; i++)
        {
            _network.Send(Packets.Response(DnsRecord.Ptr(Packets.Type, Packets.Type.Child([(byte)(i >> 8), (byte)i]), 4500)));
            _network.Run(0.001);
        }

        // At most one every 50 ms from each port and the few regular ones.
        Assert.InRange(_network.Sent.Count(p => !p.Message.IsResponse), 1, 50);
    }

    [Fact]
    public async Task A_name_in_an_event_cannot_disturb_a_terminal()
    {
        await using var client = Receive(Packets.Response(Packets.Service("\u001b[2J\r\n", "vm", 4711, "fe80::1")));
        Assert.Equal("\uFFFD[2J\uFFFD\uFFFD", Assert.Single(client.Events).InstanceName);
    }

    [Fact]
    public void Random_responses_never_disturb_a_browser() =>
        Gen.Select(Gen.Byte.Array[12, 300], Gen.Int[0, 4].Array[0, 200]).Array[1, 20].Sample(packets =>
        {
            var link = new SimulatedNetwork();
            var client = new SimulatedClient(link, link.Attach("fe80::c"));
            foreach (var (noise, changes) in packets)
            {
                // Half noise, half a good packet with some bytes changed.
                var bytes = noise[0] % 2 == 0 ? noise : [.. Good.Bytes];
                foreach (var change in changes.Take(3))
                    bytes[noise[1 + change] % bytes.Length] = noise[6 + change];
                bytes[2] |= 0x80;
                link.Send(new(bytes, true, Packets.Neighbour, MulticastLink.Port));
                link.Run(0.3);
            }

            Assert.InRange(client.Present.Count, 0, 1000);
        }, iter: 50);

    private static DnsRecord NoFlush(DnsRecord record) => new(record.Name, record.Type, record.Ttl, record.Data.ToArray());

    private SimulatedClient Receive(params SentPacket[] packets)
    {
        var client = new SimulatedClient(_network, _network.Attach("fe80::c"));
        foreach (var packet in packets)
            _network.Send(packet);
        _network.Run(0.01);
        return client;
    }
}
