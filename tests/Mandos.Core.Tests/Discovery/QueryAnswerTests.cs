using System.Net;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Tests.Discovery;

/// <summary>What a publisher answers, when, and to whom.</summary>
public sealed class QueryAnswerTests
{
    private static readonly DnsName Instance = Packets.Type.Child("Mandos"u8);
    private static readonly DnsName Enumeration = DnsName.Parse("_services._dns-sd._udp.local");

    private readonly SimulatedNetwork _network = new();
    private TimeSpan _asked;

    [Fact]
    public async Task A_query_for_the_service_type_gets_all_needed_records_after_20_to_120_ms()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
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
        await using var server = await SimulatedServer.StartedAsync(_network);
        var answer = Ask(new DnsQuestion(Instance, DnsType.Srv));
        Assert.InRange((answer.At - _asked).TotalMilliseconds, 0, 3);
        Assert.Equal([DnsType.Srv], answer.Message.Answers.ConvertAll(r => r.Type));
    }

    [Fact]
    public async Task The_types_of_services_can_be_listed()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
        var answer = Ask(new DnsQuestion(Enumeration, DnsType.Ptr));
        Assert.Equal(["_services._dns-sd._udp.local Ptr 4500 False _mandos._tcp.local"], answer.Message.Answers.ConvertAll(RecordText.Of));
    }

    [Fact]
    public async Task A_query_for_a_missing_record_type_of_our_name_gets_an_NSEC_response()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
        var answer = Ask(new DnsQuestion(DnsName.Parse("vm.local"), DnsType.A));
        var nsec = Assert.Single(answer.Message.Answers);
        Assert.Equal(DnsType.Nsec, nsec.Type);
        // Next name vm.local, window 0, four bytes of which bit 28 (AAAA) is set.
        Assert.Equal([2, .. "vm"u8, 5, .. "local"u8, 0, 0, 4, 0, 0, 0, 8], nsec.Data.ToArray());
    }

    [Fact]
    public async Task Questions_for_other_names_are_not_answered()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
        _network.Sent.Clear();
        _network.Send(Packets.Query(new(DnsName.Parse("_ssh._tcp.local"), DnsType.Ptr), new(DnsName.Parse("other.local"), DnsType.Aaaa)));
        _network.Run(5);
        Assert.Empty(_network.Responses);
    }

    [Fact]
    public async Task Answers_known_to_the_querier_are_not_sent_again()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
        _network.Sent.Clear();
        _network.Send(Packets.Message(0, [new(Packets.Type, DnsType.Ptr)], [DnsRecord.Ptr(Packets.Type, Instance, 2250)], []));
        _network.Run(5);
        Assert.Empty(_network.Responses);
        _network.Send(Packets.Message(0, [new(Packets.Type, DnsType.Ptr)], [DnsRecord.Ptr(Packets.Type, Instance, 2249)], []));
        _network.Run(5);
        Assert.Single(_network.Responses);
    }

    [Fact]
    public async Task The_responder_waits_for_known_answers_that_follow_a_truncated_query()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
        _network.Sent.Clear();
        var truncated = Packets.Message(DnsMessage.TruncatedFlag, [new(Packets.Type, DnsType.Ptr)], [], []);
        _network.Send(truncated);
        _network.Run(0.3);
        _network.Send(Packets.Message(0, [], [DnsRecord.Ptr(Packets.Type, Instance, 4000)], []));
        _network.Run(5);
        Assert.Empty(_network.Responses);

        _network.Send(truncated);
        _network.Run(0.395);
        Assert.Empty(_network.Responses);
        _network.Run(0.2);
        Assert.Single(_network.Responses);
    }

    [Fact]
    public async Task A_record_is_multicast_at_most_once_a_second()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
        _network.Sent.Clear();
        for (var i = 0; i < 500; i++)
        {
            _network.Send(Packets.Query(new DnsQuestion(Packets.Type, DnsType.Ptr)));
            _network.Run(0.01);
        }

        _network.Run(2);
        var times = _network.Responses.Select(r => r.At).ToList();
        Assert.InRange(times.Count, 4, 7);
        Assert.All(times.Zip(times.Skip(1)), t => Assert.True(t.Second - t.First >= TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_query_for_a_unicast_response_is_answered_at_once()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
        var answer = Ask(new DnsQuestion(Packets.Type, DnsType.Ptr, UnicastResponse: true));
        Assert.Equal(Packets.Neighbour, answer.Destination);
        Assert.Equal(MulticastLink.Port, answer.DestinationPort);
        Assert.InRange((answer.At - _asked).TotalMilliseconds, 0, 3);
        _network.Sent.Clear();
        _network.Run(2);
        Assert.Empty(_network.Responses);
    }

    [Fact]
    public async Task Records_not_multicast_recently_are_also_multicast()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
        _network.Run(4500 / 4);
        Assert.NotNull(Ask(new DnsQuestion(Packets.Type, DnsType.Ptr, UnicastResponse: true)).Destination);
        _network.Sent.Clear();
        _network.Run(2);
        Assert.Null(Assert.Single(_network.Responses).Destination);
    }

    [Fact]
    public async Task A_one_shot_query_is_answered_as_by_a_plain_dns_server()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
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
        Assert.Empty(_network.Responses);
    }

    [Theory]
    [InlineData(MulticastLink.Port)]
    [InlineData(40001)]
    public async Task One_querier_gets_ten_unicast_answers_a_second_and_does_not_affect_others(ushort port)
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
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
        await using var server = await SimulatedServer.StartedAsync(_network);
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
        Assert.Equal(200, _network.Responses.Count(r => r.Destination is not null));
    }

    [Fact]
    public async Task A_host_that_is_not_a_neighbour_gets_no_unicast_answer()
    {
        await using var server = await SimulatedServer.StartedAsync(_network);
        _network.Sent.Clear();
        _network.Send(Packets.Query(new DnsQuestion(Packets.Type, DnsType.Ptr)) with { SourcePort = 40001, FromNeighbour = false });
        _network.Send(
            Packets.Query(
                new DnsQuestion(Packets.Type, DnsType.Ptr)) with
            { FromNeighbour = false, Destination = IPAddress.Parse("fe80::1") });
        _network.Run(2);
        Assert.Empty(_network.Responses);
        Assert.Equal(2, server.Publisher.Statistics.OffLink);
    }

    private SentPacket Ask(DnsQuestion question) => Ask(Packets.Query(question));

    private SentPacket Ask(SentPacket query)
    {
        _network.Sent.Clear();
        _asked = _network.Now;
        _network.Send(query);
        _network.RunUntil(() => _network.Responses.Any(), limit: 1);
        return _network.Responses.First();
    }

    private int AnswersTo(string destination) => _network.Responses.Count(r => IPAddress.Parse(destination).Equals(r.Destination));
}
