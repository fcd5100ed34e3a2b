using System.Net;
using System.Net.Sockets;
using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Tests.Discovery;

/// <summary>What a publisher sends unasked: probes, announcements and goodbyes.</summary>
public sealed class AnnouncementTests
{
    private readonly SimulatedNetwork _network = new();

    [Fact]
    public async Task The_server_probes_three_times_then_announces_three_times()
    {
        await using var server = SimulatedServer.Start(_network);
        _network.Run(60);
        var probes = _network.Sent.TakeWhile(p => !p.Message.IsResponse).ToList();
        Assert.Equal([250, 250, 250, 1000, 2000], _network.Sent.Zip(_network.Sent.Skip(1), (a, b) => (int)(b.At - a.At).TotalMilliseconds));
        Assert.Equal(3, probes.Count);
        Assert.All(probes, p => Assert.Equal([DnsType.Any, DnsType.Any], p.Message.Questions.ConvertAll(q => q.Type)));
        Assert.All(probes, p => Assert.Equal([DnsType.Srv, DnsType.Txt, DnsType.Aaaa], p.Message.Authorities.ConvertAll(r => r.Type)));
    }

    [Fact]
    public async Task The_server_announces_the_same_records_as_the_original()
    {
        await using var server = SimulatedServer.Start(_network);
        _network.Run(60);
        var announced = _network.Responses.Last().Message;
        Assert.Equal(0x8400, announced.Flags);
        // As recorded in tests/golden/mdns/announce-and-resolve.txt.
        Assert.Equal(
            [
                "_services._dns-sd._udp.local Ptr 4500 False _mandos._tcp.local",
                "_mandos._tcp.local Ptr 4500 False Mandos._mandos._tcp.local",
                "Mandos._mandos._tcp.local Srv 120 True (0, 0, 4711) vm.local",
                "Mandos._mandos._tcp.local Txt 4500 True 00",
                "vm.local Aaaa 120 True fe80::1",
            ],
            announced.Answers.ConvertAll(RecordText.Of));
    }

    [Fact]
    public async Task With_IPv4_only_the_server_announces_only_IPv4_addresses()
    {
        await using var server = new SimulatedServer(
            _network, "vm", 4711, 1, _network.Attach("fe80::1", "192.0.2.1"), useIPv6: false, useIPv4: true);
        _network.Run(60);
        Assert.All(_network.Sent, p => Assert.False(p.IsIPv6));
        Assert.Equal(
            ["vm.local A 120 True 192.0.2.1"],
            _network.Responses.Last().Message.Answers.FindAll(r => r.Type is DnsType.A or DnsType.Aaaa).ConvertAll(RecordText.Of));
    }

    [Fact]
    public async Task With_both_families_up_each_announces_its_own_addresses()
    {
        await using var server = new SimulatedServer(_network, "vm", 4711, 1, _network.Attach("fe80::1", "192.0.2.1"), useIPv4: true);
        _network.Run(60);
        Assert.Equal(["vm.local Aaaa 120 True fe80::1"], HostRecords(ofIPv6: true));
        Assert.Equal(["vm.local A 120 True 192.0.2.1"], HostRecords(ofIPv6: false));
        Assert.Equal("Mandos", server.Publisher.InstanceName);
        // Nothing denies the address of the other family.
        _network.Sent.Clear();
        _network.Send(Packets.Query(new DnsQuestion(DnsName.Parse("vm.local"), DnsType.A)));
        _network.Run(2);
        Assert.Empty(_network.Responses);

        List<string> HostRecords(bool ofIPv6) =>
            _network.Responses.Last(p => p.IsIPv6 == ofIPv6).Message.Answers
                .FindAll(r => r.Type is DnsType.A or DnsType.Aaaa)
                .ConvertAll(RecordText.Of);
    }

    [Fact]
    public async Task A_name_taken_on_one_address_family_is_given_up_on_both()
    {
        await using var first = new SimulatedServer(_network, "vm", 4711, 1, _network.Attach("fe80::1", "192.0.2.1"), useIPv4: true);
        _network.Run(10);
        await using var second = new SimulatedServer(_network, "other", 4711, 2, _network.Attach("fe80::2"));
        _network.Run(60);
        Assert.Equal(("Mandos", "Mandos #2"), (first.Publisher.InstanceName, second.Publisher.InstanceName));
        await using var third = new SimulatedServer(_network, "third", 4711, 3, _network.Attach("fe80::3", "192.0.2.3"), useIPv4: true);
        _network.Run(60);
        Assert.Equal("Mandos #3", third.Publisher.InstanceName);
    }

    [Fact]
    public async Task When_the_publisher_stops_it_sends_a_goodbye_and_nothing_more()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
        _network.Sent.Clear();
        await server.StopAsync();
        var goodbye = Assert.Single(_network.Sent).Message;
        Assert.All(goodbye.Answers, r => Assert.Equal(0u, r.Ttl));
        Assert.Equal([DnsType.Ptr, DnsType.Srv, DnsType.Txt, DnsType.Aaaa], goodbye.Answers.ConvertAll(r => r.Type));
        Assert.Equal(Packets.Type, goodbye.Answers[0].Name);
        _network.Send(Packets.Query(new DnsQuestion(Packets.Type, DnsType.Ptr)));
        _network.Run(5);
        Assert.Single(_network.Responses);
    }

    [Fact]
    public async Task A_goodbye_is_sent_on_a_forgotten_interface()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
        _network.Sent.Clear();
        server.Publisher.ForgetInterface(SimulatedNetwork.Interface, AddressFamily.InterNetworkV6);
        Assert.All(Assert.Single(_network.Sent).Message.Answers, r => Assert.Equal(0u, r.Ttl));
    }

    [Fact]
    public async Task Changed_addresses_are_announced()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
        _network.Sent.Clear();
        server.Transport.Addresses.Add(IPAddress.Parse("fd00::1"));
        server.Publisher.UseInterface(SimulatedNetwork.Interface, AddressFamily.InterNetworkV6);
        _network.Run(5);
        Assert.Equal(3, _network.Responses.Count());
        Assert.Equal(
            ["fe80::1", "fd00::1"],
            _network.Responses.First().Message.Answers.FindAll(r => r.Type == DnsType.Aaaa).ConvertAll(r => r.Address.ToString()));
    }

    [Fact]
    public async Task The_publisher_waits_until_the_interface_has_an_address()
    {
        var transport = _network.Attach();
        await using var server = new SimulatedServer(_network, "vm", 4711, 1, transport);
        _network.Run(10);
        Assert.Empty(_network.Sent);
        transport.Addresses.Add(IPAddress.Parse("fe80::1"));
        transport.CannotSend = true;
        _network.Run(10);
        Assert.Empty(_network.Sent);
        transport.CannotSend = false;
        _network.Run(10);
        Assert.Equal(3, _network.Responses.Count());
    }
}
