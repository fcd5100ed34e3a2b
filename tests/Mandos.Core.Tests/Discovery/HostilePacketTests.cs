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

    private static readonly IPAddress Bad = IPAddress.Parse("fe80::bad");

    private static SentPacket Good => Packets.Response(Packets.Service("Mandos", "vm", 4711, "fe80::1"));

    [Fact]
    public async Task A_response_from_another_port_is_dropped_and_counted()
    {
        await using var client = Receive(Good with { SourcePort = 5354 });
        Assert.Empty(client.Events);
        Assert.Equal(1, client.Browser.Statistics.WrongSourcePort);
    }

    [Theory]
    [InlineData(254)]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_multicast_response_that_may_have_come_through_a_router_is_dropped_and_counted(int hopLimit)
    {
        await using var client = Receive(Good with { HopLimit = hopLimit, FromNeighbour = false });
        Assert.Empty(client.Events);
        Assert.Equal(1, client.Browser.Statistics.OffLink);
    }

    [Theory]
    [InlineData(255, false)]
    [InlineData(254, true)]
    [InlineData(1, true)]
    public async Task A_multicast_response_is_accepted_with_the_full_hop_limit_or_from_an_address_on_the_link(
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
    public async Task A_unicast_response_that_may_have_come_through_a_router_is_dropped_and_counted(int hopLimit)
    {
        await using var client = Receive(Good with { HopLimit = hopLimit, Destination = IPAddress.Parse("fe80::c") });
        Assert.Empty(client.Events);
        Assert.Equal(1, client.Browser.Statistics.OffLink);
    }

    [Fact]
    public async Task A_unicast_response_from_a_host_that_is_not_a_neighbour_is_dropped_and_counted()
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
    public async Task A_one_shot_answer_with_the_wrong_ID_is_dropped_and_counted()
    {
        await using var client = Receive(Good with { Destination = IPAddress.Parse("fe80::c"), DestinationPort = 40000 });
        Assert.Empty(client.Events);
        Assert.Equal(1, client.Browser.Statistics.Malformed);
    }

    [Theory]
    [InlineData(0x8403)] // name error
    [InlineData(0xA400)] // another operation
    public async Task A_response_with_an_error_code_or_another_opcode_is_ignored(int flags)
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
    public async Task An_address_that_is_not_a_host_address_is_not_reported(string address)
    {
        await using var client = Receive(Packets.Response(Packets.Service("Mandos", "vm", 4711, address)));
        Assert.Empty(client.Events);
    }

    [Fact]
    public async Task An_IPv4_mapped_address_is_reported_as_IPv4()
    {
        await using var client = Receive(Packets.Response(Packets.Service("Mandos", "vm", 4711, "::ffff:192.0.2.1")));
        Assert.Equal(["192.0.2.1:4711"], client.Events.Select(e => e.EndPoint.ToString()).Distinct());
    }

    [Fact]
    public async Task A_service_without_a_port_or_of_another_type_is_not_reported()
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
    public async Task A_flood_of_instances_is_limited_to_the_newest_sixty_four()
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

    /// <summary>A server that starts after the client must be found although a neighbour announces thousands of others.</summary>
    [Fact]
    public async Task A_flood_from_one_address_displaces_no_record_of_another()
    {
        await using var client = Receive();
        for (var i = 0; i < 1000; i++)
        {
            if (i == 500)
                _network.Send(Good with { Source = IPAddress.Parse("fe80::600d") });
            _network.Send(
                Packets.Response(Packets.Service($"Mandos #{i}", $"vm{i}", 4711, $"fe80::1:{i:x}")) with
                {
                    Source = Bad,
                });
            // Other servers for the same instance, and other addresses of its host.
            _network.Send(
                Packets.Response(Packets.Service("Mandos", "vm", (ushort)(i + 1), $"fe80::2:{i:x}").Select(NoFlush).ToArray()) with
                {
                    Source = Bad,
                });
            _network.Run(0.001);
        }

        Assert.Contains(client.Present, e => e.ToString() == $"[fe80::1%{SimulatedNetwork.Interface}]:4711");
        Assert.True(client.Browser.Statistics.LimitReached > 900);
    }

    /// <summary>Each field that shortens the life of a record, from an address that did not send it.</summary>
    [Theory]
    [InlineData("goodbye", false)]
    [InlineData("goodbye", true)]
    [InlineData("short lifetime", false)]
    [InlineData("short lifetime", true)]
    [InlineData("replacement", false)]
    public async Task An_address_cannot_withdraw_what_another_announced(string how, bool sentItFirst)
    {
        var records = Packets.Service("Mandos", "vm", 4711, "fe80::1");
        var forged = how switch
        {
            "goodbye" => records.Select(r => WithTtl(r, 0)),
            "short lifetime" => records.Select(r => WithTtl(r, 1)),
            _ => [.. Packets.Service("Mandos", "other", 1, "fe80::bad"), DnsRecord.Of(DnsName.Parse("vm.local"), Bad, 120)],
        };
        await using var client = Receive();
        if (sentItFirst)
            _network.Send(Good with { Source = Bad });
        _network.Send(Good);
        _network.Run(3);
        if (how == "replacement")
            forged = forged.Select(WithFlush);
        _network.Send(Packets.Response([.. forged]) with { Source = Bad });
        _network.Run(5);
        Assert.Contains(client.Present, e => e.ToString() == $"[fe80::1%{SimulatedNetwork.Interface}]:4711");
        Assert.DoesNotContain(client.Events, e => !e.Found);
    }

    [Fact]
    public async Task A_record_from_two_addresses_is_queried_and_listed_as_known_once()
    {
        await using var client = Receive(Good, Good with { Source = Bad });
        _network.Sent.Clear();
        _network.Run(200);
        Assert.All(
            _network.Sent.Where(p => !p.Message.IsResponse),
            p =>
            {
                Assert.Distinct(p.Message.Questions);
                Assert.True(p.Message.Answers.Count <= 1);
            });
        Assert.Contains(_network.Sent, p => p.Message.Answers.Count == 1);
        Assert.Contains(_network.Sent, p => p.Message.Questions.Exists(q => q.Type == DnsType.Srv));
    }

    [Fact]
    public async Task A_flood_of_services_of_one_instance_is_limited_to_eight()
    {
        await using var client = Receive();
        for (ushort port = 1; port <= 100; port++)
            _network.Send(Packets.Response(Packets.Service("Mandos", "vm", port, "fe80::1").Select(NoFlush).ToArray()));
        _network.Run(0.01);
        Assert.Equal(ServiceCache.MaxServicesOfOneInstance, client.Present.Count);
    }

    [Fact]
    public async Task A_flood_of_addresses_of_one_host_is_limited_to_thirty_two()
    {
        await using var client = Receive();
        for (var i = 1; i <= 100; i++)
            _network.Send(Packets.Response(Packets.Service("Mandos", "vm", 4711, $"fe80::{i:x}").Select(NoFlush).ToArray()));
        _network.Run(0.01);
        Assert.Equal(ServiceCache.MaxAddressesOfOneHost, client.Present.Count);
    }

    [Fact]
    public async Task Of_many_hosts_with_many_addresses_256_are_kept()
    {
        await using var client = Receive();
        for (var host = 0; host < 40; host++)
        {
            var addresses = Enumerable.Range(1, 10).Select(i => $"fe80::{host:x}:{i:x}").ToArray();
            _network.Send(Packets.Response(Packets.Service($"Mandos #{host}", $"vm{host}", 4711, addresses)));
        }

        _network.Run(0.01);
        Assert.Equal(ServiceCache.MaxAddresses, client.Present.Count);
    }

    [Fact]
    public async Task A_flood_of_incomplete_instances_causes_few_queries()
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
    public async Task A_name_in_an_event_has_no_terminal_control_characters()
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

    private static DnsRecord WithFlush(DnsRecord record) =>
        new(record.Name, record.Type, record.Ttl, record.Data.ToArray(), cacheFlush: true);

    private static DnsRecord WithTtl(DnsRecord record, uint ttl) =>
        new(record.Name, record.Type, ttl, record.Data.ToArray(), record.CacheFlush);

    private SimulatedClient Receive(params SentPacket[] packets)
    {
        var client = new SimulatedClient(_network, _network.Attach("fe80::c"));
        foreach (var packet in packets)
            _network.Send(packet);
        _network.Run(0.01);
        return client;
    }
}
