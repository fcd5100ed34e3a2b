using System.Net;
using System.Net.Sockets;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Publishing;

namespace Mandos.Core.Tests.Discovery;

public sealed class NameConflictTests
{
    private readonly SimulatedNetwork _network = new();

    [Fact]
    public async Task A_second_server_becomes_number_two_and_a_third_number_three()
    {
        await using var first = StartServer("one", "fe80::1", 1);
        _network.Run(5);
        await using var second = StartServer("two", "fe80::2", 2);
        _network.Run(5);
        await using var third = StartServer("three", "fe80::3", 3);
        _network.Run(10);
        Assert.Equal(
            ["Mandos", "Mandos #2", "Mandos #3"],
            [first.Publisher.InstanceName, second.Publisher.InstanceName, third.Publisher.InstanceName]);
        Assert.Empty(first.Names);
        Assert.Equal(["Mandos #2"], second.Names);
        Assert.Equal(["Mandos #2", "Mandos #3"], third.Names);

        await using var client = new SimulatedClient(_network, _network.Attach("fe80::c"));
        _network.Run(1);
        Assert.Equal(["Mandos", "Mandos #2", "Mandos #3"], client.Events.ConvertAll(e => e.InstanceName).Order());
    }

    [Theory]
    [InlineData(true, "Mandos #2")]
    [InlineData(false, "Mandos")]
    public async Task A_name_announced_with_hop_limit_1_counts_as_taken_if_the_host_is_on_the_link(bool isOnLink, string expected)
    {
        await using var server = StartServer("one", "fe80::1", 1);
        var other = Packets.Response(Packets.Service("Mandos", "vm", 4711, "fe80::9")) with { HopLimit = 1, FromNeighbour = isOnLink };
        for (var i = 0; i < 20; i++)
        {
            _network.Send(other);
            _network.Run(0.1);
        }

        _network.Run(10);
        Assert.Equal(expected, server.Publisher.InstanceName);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Servers_that_probe_at_the_same_time_agree_on_names(int seed)
    {
        await using var a = StartServer("one", "fe80::1", seed);
        await using var b = StartServer("two", "fe80::2", seed);
        await using var c = StartServer("three", "fe80::3", seed);
        _network.Run(20);
        Assert.Equal(["Mandos", "Mandos #2", "Mandos #3"], new[] { a, b, c }.Select(s => s.Publisher.InstanceName).Order());
        // The one whose data sort last wins: ports being equal, the host decides, which begins with its length.
        Assert.Equal("Mandos", c.Publisher.InstanceName);
    }

    [Fact]
    public async Task Servers_that_could_not_reach_each_other_resolve_the_name_conflict_afterwards()
    {
        _network.Loses = _ => true;
        await using var a = StartServer("one", "fe80::1", 1);
        await using var b = StartServer("two", "fe80::2", 2);
        _network.Run(10);
        Assert.Equal(("Mandos", "Mandos"), (a.Publisher.InstanceName, b.Publisher.InstanceName));
        _network.Loses = _ => false;
        b.Publisher.UseInterface(SimulatedNetwork.Interface, AddressFamily.InterNetworkV6);
        _network.Run(20);
        Assert.Equal(["Mandos", "Mandos #2"], new[] { a, b }.Select(s => s.Publisher.InstanceName).Order());
    }

    [Fact]
    public async Task A_host_name_that_another_machine_uses_is_changed()
    {
        await using var first = StartServer("vm", "fe80::1", 1);
        _network.Run(5);
        await using var second = StartServer("vm", "fe80::2", 2);
        _network.Run(10);
        await using var client = new SimulatedClient(_network, _network.Attach("fe80::c"));
        _network.Run(1);
        Assert.Equal(2, client.Present.Count);
        Assert.Contains(
            _network.Sent, p => p.Message.IsResponse && p.Message.Answers.Exists(r => r.Name.Equals(DnsName.Parse("vm-2.local"))));
    }

    [Fact]
    public async Task A_responder_on_the_same_machine_keeps_the_host_name()
    {
        await using var server = new SimulatedServer(_network, "vm", 4711, 1, _network.Attach("fe80::1", "2001:db8::1"));
        // As avahi-daemon does, which lists global addresses only, when there are any.
        var claim = DnsRecord.Of(DnsName.Parse("vm.local"), IPAddress.Parse("2001:db8::1"), 120);
        _network.Send(Packets.Response(claim));
        _network.Run(10);
        Assert.Equal("Mandos", server.Publisher.InstanceName);
        Assert.DoesNotContain(
            _network.Sent,
            p =>
                p.Source.Equals(Packets.Neighbour) && p.Message.Answers.Exists(r => r.Type == DnsType.Aaaa) && p.Message.Answers.Count > 1);
        Assert.Contains(
            _network.Sent, p => p.Message.Answers.Exists(r => r.Type == DnsType.Srv && r.Target.Equals(DnsName.Parse("vm.local"))));

        // It stops: the name is ours again.
        _network.Send(Packets.Response(new DnsRecord(claim.Name, claim.Type, 0, claim.Data.ToArray(), cacheFlush: true)));
        _network.Sent.Clear();
        _network.Run(10);
        Assert.Contains(_network.Sent, p => p.Message.Answers.Exists(r => r.Type == DnsType.Aaaa));
    }

    [Fact]
    public async Task Two_publishers_on_one_host_share_the_host_name()
    {
        await using var a = StartServer("vm", "fe80::1", 1);
        await using var b = StartServer("vm", "fe80::1", 1, port: 4712);
        _network.Run(10);
        Assert.Equal(["Mandos", "Mandos #2"], new[] { a, b }.Select(s => s.Publisher.InstanceName).Order());
        _network.Sent.Clear();
        await a.StopAsync();
        await using var client = new SimulatedClient(_network, _network.Attach("fe80::c"));
        _network.Run(5);
        Assert.Equal(4712, Assert.Single(client.Present).Port);
    }

    [Fact]
    public async Task Probing_slows_down_after_fifteen_conflicts()
    {
        await using var server = StartServer("vm", "fe80::1", 1);
        for (var i = 0; i < 60_000; i++)
        {
            // A neighbour claims whatever name is tried.
            if (_network.Sent.LastOrDefault() is { } last && last.Message.Questions.Count > 0)
            {
                _network.Sent.Clear();
                _network.Send(
                    Packets.Response(
                        DnsRecord.Srv(
                            last.Message.Questions[0].Name, DnsName.Parse("evil.local"), 1,
                            120)) with
                    { Source = IPAddress.Parse("fe80::e") });
            }

            _network.Run(0.001);
        }

        // Fifteen within seconds, then one in five seconds.
        Assert.InRange(server.Names.Count, 20, 40);
    }

    [Theory]
    [InlineData("Mandos", " #", "Mandos", "Mandos #2", "Mandos #3")]
    [InlineData("vm", "-", "vm", "vm-2", "vm-3")]
    public void Alternative_names_are_numbered_as_in_avahi(string name, string separator, params string[] expected)
    {
        var alternative = new AlternativeName(name, separator);
        foreach (var next in expected)
        {
            Assert.Equal(next, alternative.Current);
            alternative.Advance();
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("ä")]
    [InlineData("😀")]
    public void A_long_name_is_truncated_between_characters(string character)
    {
        var alternative = new AlternativeName(string.Concat(Enumerable.Repeat(character, 70)), " #");
        for (var i = 0; i < 120; i++)
        {
            Assert.InRange(alternative.Label.Length, 58, 63);
            Assert.DoesNotContain('\uFFFD', System.Text.Encoding.UTF8.GetString(alternative.Label));
            alternative.Advance();
        }
    }

    [Fact]
    public void Records_that_sort_later_win_a_tie()
    {
        var name = DnsName.Parse("vm.local");
        // The examples of RFC 6762, section 8.2.
        Assert.True(Compare(["169.254.99.200"], ["169.254.200.50"]) < 0);
        Assert.True(Compare(["169.254.200.50"], ["169.254.99.200"]) > 0);
        Assert.Equal(0, Compare(["192.0.2.1", "192.0.2.2"], ["192.0.2.2", "192.0.2.1"]));
        Assert.True(Compare(["192.0.2.1"], ["192.0.2.1", "192.0.2.2"]) < 0);
        Assert.True(Compare(["fe80::1"], ["192.0.2.1"]) > 0);

        int Compare(string[] a, string[] b) => ProbeTieBreak.Compare(Records(a), Records(b));
        List<DnsRecord> Records(string[] addresses) => [.. addresses.Select(a => DnsRecord.Of(name, IPAddress.Parse(a), 120))];
    }

    private SimulatedServer StartServer(string host, string address, int seed, ushort port = 4711)
    {
        return new(_network, host, port, seed, _network.Attach(address));
    }
}
