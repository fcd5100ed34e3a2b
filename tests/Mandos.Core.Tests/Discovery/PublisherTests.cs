using System.Net;
using System.Net.Sockets;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Tests.Discovery;

public sealed class PublisherTests
{
    private static readonly DnsName Instance = Packets.Type.Child("Mandos"u8);
    private static readonly DnsName Enumeration = DnsName.Parse("_services._dns-sd._udp.local");

    private readonly SimulatedNetwork _network = new();

    private IEnumerable<SentPacket> Responses => _network.Sent.Where(p => p.Message.IsResponse);

    [Fact]
    public async Task The_server_probes_three_times_then_announces_three_times()
    {
        await using var server = StartServer();
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
        await using var server = StartServer();
        _network.Run(60);
        var announced = Responses.Last().Message;
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
            announced.Answers.ConvertAll(Describe));
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
            Responses.Last().Message.Answers.FindAll(r => r.Type is DnsType.A or DnsType.Aaaa).ConvertAll(Describe));
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
        Assert.Empty(Responses);

        List<string> HostRecords(bool ofIPv6) =>
            Responses.Last(p => p.IsIPv6 == ofIPv6).Message.Answers.FindAll(r => r.Type is DnsType.A or DnsType.Aaaa).ConvertAll(Describe);
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
    public async Task A_query_for_the_service_type_gets_all_needed_records_after_20_to_120_ms()
    {
        await using var server = await StartedAsync();
        var delays = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var answer = Ask(new DnsQuestion(Packets.Type, DnsType.Ptr));
            Assert.Null(answer.Destination);
            Assert.Equal([DnsType.Ptr], answer.Message.Answers.ConvertAll(r => r.Type));
            Assert.Equal(
                [DnsType.Srv, DnsType.Txt, DnsType.Nsec, DnsType.Aaaa, DnsType.Nsec], answer.Message.Additionals.ConvertAll(r => r.Type));
            delays.Add((answer.At - _asked).TotalMilliseconds);
            _network.Run(2);
        }

        Assert.All(delays, d => Assert.InRange(d, 20, 123));
        Assert.True(delays.Distinct().Count() > 5);
    }

    [Fact]
    public async Task A_query_for_a_unique_name_is_answered_without_delay()
    {
        await using var server = await StartedAsync();
        var answer = Ask(new DnsQuestion(Instance, DnsType.Srv));
        Assert.InRange((answer.At - _asked).TotalMilliseconds, 0, 3);
        Assert.Equal([DnsType.Srv], answer.Message.Answers.ConvertAll(r => r.Type));
    }

    [Fact]
    public async Task The_types_of_services_can_be_listed()
    {
        await using var server = await StartedAsync();
        var answer = Ask(new DnsQuestion(Enumeration, DnsType.Ptr));
        Assert.Equal(["_services._dns-sd._udp.local Ptr 4500 False _mandos._tcp.local"], answer.Message.Answers.ConvertAll(Describe));
    }

    [Fact]
    public async Task A_query_for_a_missing_record_type_of_our_name_gets_an_NSEC_response()
    {
        await using var server = await StartedAsync();
        var answer = Ask(new DnsQuestion(DnsName.Parse("vm.local"), DnsType.A));
        var nsec = Assert.Single(answer.Message.Answers);
        Assert.Equal(DnsType.Nsec, nsec.Type);
        // Next name vm.local, window 0, four bytes of which bit 28 (AAAA) is set.
        Assert.Equal([2, .. "vm"u8, 5, .. "local"u8, 0, 0, 4, 0, 0, 0, 8], nsec.Data.ToArray());
    }

    [Fact]
    public async Task Questions_for_other_names_are_not_answered()
    {
        await using var server = await StartedAsync();
        _network.Sent.Clear();
        _network.Send(Packets.Query(new(DnsName.Parse("_ssh._tcp.local"), DnsType.Ptr), new(DnsName.Parse("other.local"), DnsType.Aaaa)));
        _network.Run(5);
        Assert.Empty(Responses);
    }

    [Fact]
    public async Task Answers_known_to_the_querier_are_not_sent_again()
    {
        await using var server = await StartedAsync();
        _network.Sent.Clear();
        _network.Send(Packets.Message(0, [new(Packets.Type, DnsType.Ptr)], [DnsRecord.Ptr(Packets.Type, Instance, 2250)], []));
        _network.Run(5);
        Assert.Empty(Responses);
        _network.Send(Packets.Message(0, [new(Packets.Type, DnsType.Ptr)], [DnsRecord.Ptr(Packets.Type, Instance, 2249)], []));
        _network.Run(5);
        Assert.Single(Responses);
    }

    [Fact]
    public async Task The_responder_waits_for_known_answers_that_follow_a_truncated_query()
    {
        await using var server = await StartedAsync();
        _network.Sent.Clear();
        var truncated = Packets.Message(DnsMessage.TruncatedFlag, [new(Packets.Type, DnsType.Ptr)], [], []);
        _network.Send(truncated);
        _network.Run(0.3);
        _network.Send(Packets.Message(0, [], [DnsRecord.Ptr(Packets.Type, Instance, 4000)], []));
        _network.Run(5);
        Assert.Empty(Responses);

        _network.Send(truncated);
        _network.Run(0.395);
        Assert.Empty(Responses);
        _network.Run(0.2);
        Assert.Single(Responses);
    }

    [Fact]
    public async Task A_record_is_multicast_at_most_once_a_second()
    {
        await using var server = await StartedAsync();
        _network.Sent.Clear();
        for (var i = 0; i < 500; i++)
        {
            _network.Send(Packets.Query(new DnsQuestion(Packets.Type, DnsType.Ptr)));
            _network.Run(0.01);
        }

        _network.Run(2);
        var times = Responses.Select(r => r.At).ToList();
        Assert.InRange(times.Count, 4, 7);
        Assert.All(times.Zip(times.Skip(1)), t => Assert.True(t.Second - t.First >= TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_query_for_a_unicast_response_is_answered_at_once()
    {
        await using var server = await StartedAsync();
        var answer = Ask(new DnsQuestion(Packets.Type, DnsType.Ptr, UnicastResponse: true));
        Assert.Equal(Packets.Neighbour, answer.Destination);
        Assert.Equal(MulticastLink.Port, answer.DestinationPort);
        Assert.InRange((answer.At - _asked).TotalMilliseconds, 0, 3);
        _network.Sent.Clear();
        _network.Run(2);
        Assert.Empty(Responses);
    }

    [Fact]
    public async Task Records_not_multicast_recently_are_also_multicast()
    {
        await using var server = await StartedAsync();
        _network.Run(4500 / 4);
        Assert.NotNull(Ask(new DnsQuestion(Packets.Type, DnsType.Ptr, UnicastResponse: true)).Destination);
        _network.Sent.Clear();
        _network.Run(2);
        Assert.Null(Assert.Single(Responses).Destination);
    }

    [Fact]
    public async Task A_one_shot_query_is_answered_as_by_a_plain_dns_server()
    {
        await using var server = await StartedAsync();
        var query = Packets.Message(
            0, [new(Packets.Type, DnsType.Ptr, UnicastResponse: true)], [], [], id: 4242) with
        { SourcePort = 40001 };
        var answer = Ask(query);
        Assert.Equal(((IPAddress?)Packets.Neighbour, (ushort)40001), (answer.Destination, answer.DestinationPort));
        Assert.InRange((answer.At - _asked).TotalMilliseconds, 0, 3);
        Assert.Equal(4242, answer.Message.Id);
        Assert.Equal([new DnsQuestion(Packets.Type, DnsType.Ptr)], answer.Message.Questions);
        var records = answer.Message.Answers.Concat(answer.Message.Additionals).ToList();
        Assert.All(records, r => Assert.False(r.CacheFlush));
        Assert.All(records, r => Assert.InRange(r.Ttl, 1u, 10u));
        Assert.Contains(records, r => r.Type == DnsType.Srv && r.Port == 4711);
        Assert.Contains(records, r => r.Type == DnsType.Aaaa);
        _network.Sent.Clear();
        _network.Run(2);
        Assert.Empty(Responses);
    }

    [Theory]
    [InlineData(MulticastLink.Port)]
    [InlineData(40001)]
    public async Task One_querier_gets_ten_unicast_answers_a_second_and_does_not_affect_others(ushort port)
    {
        await using var server = await StartedAsync();
        _network.Sent.Clear();
        for (var i = 0; i < 100; i++)
            _network.Send(Question("fe80::9"));
        _network.Send(Question("fe80::a"));
        _network.Run(0.5);
        Assert.Equal(10, AnswersTo("fe80::9"));
        Assert.Equal(1, AnswersTo("fe80::a"));
        Assert.Equal(90, server.Publisher.Statistics.Unanswered);
        _network.Run(1);
        _network.Send(Question("fe80::9"));
        _network.Run(0.5);
        Assert.Equal(11, AnswersTo("fe80::9"));

        SentPacket Question(string source) => Packets.Query(new DnsQuestion(Packets.Type, DnsType.Ptr, UnicastResponse: true)) with
        {
            Source = IPAddress.Parse(source),
            SourcePort = port,
        };
    }

    [Fact]
    public async Task Unicast_responses_are_limited_to_two_hundred_a_second_in_total()
    {
        await using var server = await StartedAsync();
        _network.Sent.Clear();
        for (var i = 1; i <= 1000; i++)
        {
            _network.Send(Packets.Query(new DnsQuestion(Packets.Type, DnsType.Ptr, UnicastResponse: true)) with
            {
                Source = IPAddress.Parse($"fe80::1:{i:x}"),
                SourcePort = 40001,
            });
        }

        _network.Run(0.5);
        Assert.Equal(200, Responses.Count(r => r.Destination is not null));
    }

    [Fact]
    public async Task A_host_that_is_not_a_neighbour_gets_no_unicast_answer()
    {
        await using var server = await StartedAsync();
        _network.Sent.Clear();
        _network.Send(Packets.Query(new DnsQuestion(Packets.Type, DnsType.Ptr)) with { SourcePort = 40001, FromNeighbour = false });
        _network.Send(
            Packets.Query(
                new DnsQuestion(Packets.Type, DnsType.Ptr)) with
            { FromNeighbour = false, Destination = IPAddress.Parse("fe80::1") });
        _network.Run(2);
        Assert.Empty(Responses);
        Assert.Equal(2, server.Publisher.Statistics.OffLink);
    }

    [Fact]
    public async Task When_the_publisher_stops_it_sends_a_goodbye_and_nothing_more()
    {
        await using var server = await StartedAsync();
        _network.Sent.Clear();
        await server.StopAsync();
        var goodbye = Assert.Single(_network.Sent).Message;
        Assert.All(goodbye.Answers, r => Assert.Equal(0u, r.Ttl));
        Assert.Equal([DnsType.Ptr, DnsType.Srv, DnsType.Txt, DnsType.Aaaa], goodbye.Answers.ConvertAll(r => r.Type));
        Assert.Equal(Packets.Type, goodbye.Answers[0].Name);
        _network.Send(Packets.Query(new DnsQuestion(Packets.Type, DnsType.Ptr)));
        _network.Run(5);
        Assert.Single(Responses);
    }

    [Fact]
    public async Task A_goodbye_is_sent_on_a_forgotten_interface()
    {
        await using var server = await StartedAsync();
        _network.Sent.Clear();
        server.Publisher.ForgetInterface(SimulatedNetwork.Interface, AddressFamily.InterNetworkV6);
        Assert.All(Assert.Single(_network.Sent).Message.Answers, r => Assert.Equal(0u, r.Ttl));
    }

    [Fact]
    public async Task Changed_addresses_are_announced()
    {
        await using var server = await StartedAsync();
        _network.Sent.Clear();
        server.Transport.Addresses.Add(IPAddress.Parse("fd00::1"));
        server.Publisher.UseInterface(SimulatedNetwork.Interface, AddressFamily.InterNetworkV6);
        _network.Run(5);
        Assert.Equal(3, Responses.Count());
        Assert.Equal(
            ["fe80::1", "fd00::1"],
            Responses.First().Message.Answers.FindAll(r => r.Type == DnsType.Aaaa).ConvertAll(r => r.Address.ToString()));
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
        Assert.Equal(3, Responses.Count());
    }

    private TimeSpan _asked;

    private SentPacket Ask(DnsQuestion question) => Ask(Packets.Query(question));

    private SentPacket Ask(SentPacket query)
    {
        _network.Sent.Clear();
        _asked = _network.Now;
        _network.Send(query);
        _network.RunUntil(() => Responses.Any(), limit: 1);
        return Responses.First();
    }

    private async Task<SimulatedServer> StartedAsync()
    {
        var server = StartServer();
        _network.Run(10);
        await Task.CompletedTask;
        return server;
    }

    private SimulatedServer StartServer() => new(_network, "vm", 4711, 1, _network.Attach("fe80::1"));

    private static string Describe(DnsRecord record) =>
        $"{record.Name} {record.Type} {record.Ttl} {record.CacheFlush} " + record.Type switch
        {
            DnsType.Ptr => record.Target.ToString(),
            DnsType.Srv =>
                $"({record.Data[0] << 8 | record.Data[1]}, {record.Data[2] << 8 | record.Data[3]}, {record.Port}) {record.Target}",
            DnsType.A or DnsType.Aaaa => record.Address.ToString(),
            _ => Convert.ToHexString(record.Data),
        };

    private int AnswersTo(string destination) => Responses.Count(r => IPAddress.Parse(destination).Equals(r.Destination));
}
