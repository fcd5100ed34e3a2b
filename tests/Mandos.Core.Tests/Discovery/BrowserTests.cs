using System.Net;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Tests.Discovery;

public sealed class BrowserTests
{
    private const string ServerAddress = "fe80::1", ClientAddress = "fe80::c";

    private readonly SimulatedNetwork _network = new();

    private static IPEndPoint Expected(ushort port) => new(IPAddress.Parse($"{ServerAddress}%{SimulatedNetwork.Interface}"), port);

    [Fact]
    public async Task A_running_server_is_found_at_once()
    {
        await using var server = StartServer();
        _network.Run(10);
        await using var client = StartClient();
        var taken = _network.RunUntil(() => client.Present.Count > 0);
        Assert.True(taken < TimeSpan.FromMilliseconds(5), $"{taken}");
        Assert.Equal([new ServiceEvent(true, "Mandos", Expected(4711), SimulatedNetwork.Interface)], client.Events);
    }

    [Fact]
    public async Task The_second_client_finds_it_as_fast_as_the_first()
    {
        await using var server = StartServer();
        _network.Run(10);
        for (var i = 0; i < 5; i++)
        {
            await using var client = StartClient();
            Assert.True(_network.RunUntil(() => client.Present.Count > 0) < TimeSpan.FromMilliseconds(5));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Discovery_works_with_half_of_all_packets_lost(int seed)
    {
        var random = new Random(seed);
        await using var server = StartServer();
        _network.Run(10);
        _network.Loses = _ => random.Next(2) == 0;
        await using var client = StartClient();
        _network.RunUntil(() => client.Present.Count > 0, limit: 30);
    }

    [Fact]
    public async Task A_late_server_is_found_as_soon_as_it_announces_itself()
    {
        await using var client = StartClient();
        _network.Run(1000);
        Assert.Empty(client.Events);
        await using var server = StartServer();
        var taken = _network.RunUntil(() => client.Present.Count > 0);
        // Up to 250 ms before the first of three probes 250 ms apart.
        Assert.True(taken < TimeSpan.FromSeconds(1.1), $"{taken}");
    }

    [Fact]
    public async Task A_late_server_is_found_even_if_its_announcements_are_lost()
    {
        await using var client = StartClient();
        _network.Run(1000);
        _network.Loses = p => p.Message.IsResponse && p.Destination is null;
        await using var server = StartServer();
        var taken = _network.RunUntil(() => client.Present.Count > 0);
        Assert.True(taken < TimeSpan.FromSeconds(5.2), $"{taken}");
    }

    [Fact]
    public async Task A_server_stays_present_indefinitely_with_few_queries()
    {
        await using var server = StartServer();
        _network.Run(10);
        await using var client = StartClient();
        _network.Run(10);
        var before = _network.Sent.Count;
        _network.Run(7200);
        Assert.Single(client.Events);
        // 120 queries for the type, 75 for each record that lives for two minutes, and the answers.
        Assert.InRange(_network.Sent.Count - before, 100, 600);
    }

    [Fact]
    public async Task A_server_is_removed_within_a_second_of_its_goodbye()
    {
        await using var server = StartServer();
        _network.Run(10);
        await using var client = StartClient();
        _network.Run(5);
        Assert.Equal([Expected(4711)], client.Present);
        await server.StopAsync();
        _network.Run(1.1);
        Assert.Empty(client.Present);
    }

    [Fact]
    public async Task Without_a_goodbye_a_server_is_removed_when_its_records_expire()
    {
        await using var client = StartClient();
        await using (StartServer())
        {
            _network.Run(10);
            Assert.Equal([Expected(4711)], client.Present);
            _network.Loses = _ => true;
        }

        _network.Run(60);
        Assert.Equal([Expected(4711)], client.Present);
        _network.Run(61);
        Assert.Empty(client.Present);
    }

    [Fact]
    public async Task Records_about_to_expire_are_queried_again()
    {
        await using var client = StartClient();
        await using var server = StartServer();
        _network.Run(10);
        // The first two refreshes of each record are lost, the third comes through.
        _network.Loses = p => p.Message.Questions.Exists(q => q.Type == DnsType.Srv) && _network.Now < TimeSpan.FromSeconds(107);
        _network.Run(200);
        Assert.Equal([Expected(4711)], client.Present);
        Assert.Single(client.Events);
    }

    [Fact]
    public async Task A_server_that_comes_back_on_another_port_replaces_its_old_entry()
    {
        await using var client = StartClient();
        await using (StartServer(4711))
        {
            _network.Run(10);
            _network.Loses = _ => true;
        }

        _network.Loses = _ => false;
        await using var server = StartServer(4712);
        _network.Run(5);
        Assert.Equal([Expected(4712)], client.Present);
    }

    [Fact]
    public async Task Servers_are_found_over_ipv4_and_ipv6()
    {
        await using var six = StartServer();
        await using var four = new SimulatedServer(_network, "four", 4712, 2, _network.Attach("192.0.2.1"), useIPv6: false);
        await using var client = new SimulatedClient(_network, _network.Attach(ClientAddress, "192.0.2.9"));
        _network.Run(5);
        Assert.Equal(2, client.Present.Count);
        Assert.Contains(Expected(4711), client.Present);
        Assert.Contains(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 4712), client.Present);
    }

    [Fact]
    public async Task Link_local_addresses_come_first()
    {
        await using var server = new SimulatedServer(_network, "vm", 4711, 1, _network.Attach("2001:db8::1", ServerAddress, "fd00::1"));
        _network.Run(5);
        await using var client = StartClient();
        _network.Run(1);
        Assert.Equal(
            [Expected(4711), new(IPAddress.Parse("2001:db8::1"), 4711), new(IPAddress.Parse("fd00::1"), 4711)],
            client.Present);
    }

    [Fact]
    public async Task A_server_without_a_link_local_record_is_also_reported_at_its_source_address()
    {
        await using var client = StartClient();
        _network.Send(Packets.Response(Packets.Service("Mandos", "vm", 4711, "2001:db8::1")));
        _network.Run(0.01);
        Assert.Equal([Expected(4711), new(IPAddress.Parse("2001:db8::1"), 4711)], client.Present);
    }

    [Fact]
    public async Task Browsing_starts_as_soon_as_the_address_is_no_longer_tentative()
    {
        await using var server = StartServer();
        _network.Run(10);
        var transport = _network.Attach(ClientAddress);
        transport.CannotSend = true;
        await using var client = new SimulatedClient(_network, transport);
        _network.Run(2.02);
        Assert.Empty(client.Events);
        transport.CannotSend = false;
        Assert.True(_network.RunUntil(() => client.Present.Count > 0) < TimeSpan.FromMilliseconds(60));
        Assert.True(client.Browser.Statistics.SendErrors > 0);
    }

    [Fact]
    public async Task Reusing_an_interface_sends_a_query_at_once()
    {
        var transport = _network.Attach(ClientAddress);
        transport.CannotSend = true;
        await using var client = new SimulatedClient(_network, transport);
        _network.Run(30);
        transport.CannotSend = false;
        _network.Sent.Clear();
        client.Browser.UseInterface(SimulatedNetwork.Interface);
        Assert.Single(_network.Sent);
    }

    [Fact]
    public async Task Servers_found_on_a_forgotten_interface_are_removed()
    {
        await using var server = StartServer();
        await using var client = StartClient();
        _network.Run(5);
        client.Browser.ForgetInterface(SimulatedNetwork.Interface);
        Assert.Empty(client.Present);
        _network.Sent.Clear();
        _network.Run(100);
        Assert.DoesNotContain(_network.Sent, p => !p.Message.IsResponse);
    }

    [Fact]
    public async Task Missing_records_are_queried()
    {
        await using var client = StartClient();
        var records = Packets.Service("Mandos", "vm", 4711, ServerAddress);
        _network.Send(Packets.Response(records[0]));
        _network.Run(0.002);
        Assert.Contains(_network.Sent, p => p.Message.Questions.Exists(q => q.Type == DnsType.Srv && q.Name.Equals(records[1].Name)));
        _network.Send(Packets.Response(records[1]));
        _network.Run(0.1);
        Assert.Contains(
            _network.Sent,
            p => p.Message.Questions.Exists(q => q.Type == DnsType.Aaaa) && p.Message.Questions.Exists(q => q.Type == DnsType.A));
        _network.Send(Packets.Response(records[2]));
        _network.Run(0.002);
        Assert.Equal([Expected(4711)], client.Present);
    }

    [Theory]
    [InlineData(ServerAddress, "192.0.2.1", nameof(DnsType.A))]
    [InlineData("192.0.2.1", "2001:db8::1", nameof(DnsType.Aaaa))]
    public async Task The_other_address_family_is_queried_and_offered_too(string announced, string other, string asked)
    {
        await using var client = StartClient();
        _network.Send(Packets.Response(Packets.Service("Mandos", "vm", 4711, announced)));
        _network.Run(0.1);
        Assert.Single(client.Present);
        Assert.Contains(_network.Sent, p => p.Message.Questions.Exists(q => q.Type.ToString() == asked));
        _network.Send(Packets.Response(Packets.Service("Mandos", "vm", 4711, other)[2]));
        _network.Run(0.1);
        Assert.Contains(new IPEndPoint(IPAddress.Parse(other), 4711), client.Present);
        Assert.Contains(client.Present, found => found.Address.ToString().StartsWith(announced, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_without_the_other_address_type_is_not_queried_forever()
    {
        await using var client = StartClient();
        _network.Send(Packets.Response(Packets.Service("Mandos", "vm", 4711, ServerAddress)));
        _network.Run(60);
        Assert.InRange(_network.Sent.Count(p => p.Message.Questions.Exists(q => q.Type == DnsType.A)), 1, 10);
    }

    [Fact]
    public async Task Queries_contain_the_known_answers()
    {
        await using var server = StartServer();
        await using var client = StartClient();
        _network.Run(10);
        _network.Sent.Clear();
        _network.RunUntil(() => _network.Sent.Count > 0);
        var known = Assert.Single(_network.Sent[0].Message.Answers);
        Assert.Equal(DnsType.Ptr, known.Type);
        Assert.InRange(known.Ttl, 2251u, 4500u);
        _network.Run(2);
        Assert.Single(_network.Sent);
    }

    [Fact]
    public async Task Events_can_be_awaited()
    {
        await using var client = StartClient();
        using var stop = new CancellationTokenSource();
        await using var events = client.Browser.ReadEventsAsync(stop.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var next = events.MoveNextAsync();
        _network.Send(Packets.Response(Packets.Service("Mandos", "vm", 4711, ServerAddress)));
        _network.Run(0.01);
        Assert.True(await next);
        Assert.Equal(Expected(4711), events.Current.EndPoint);
        var last = events.MoveNextAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await last);
    }

    private SimulatedServer StartServer(ushort port = 4711) => new(_network, "vm", port, 1, _network.Attach(ServerAddress));

    private SimulatedClient StartClient() => new(_network, _network.Attach(ClientAddress));
}
