using System.Net;
using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Tests.Discovery;

/// <summary>Our browser and publisher beside what was recorded of the original.</summary>
public sealed class GoldenTests
{
    [Fact]
    public async Task A_recorded_server_is_found_and_removed_after_its_goodbye()
    {
        var network = new SimulatedNetwork();
        await using var client = new SimulatedClient(network, network.Attach("fe80::c"));
        var (found, gone) = (TimeSpan.Zero, TimeSpan.Zero);
        foreach (var packet in GoldenPackets.Read("query-response.txt"))
        {
            while (network.Now < packet.At)
            {
                network.Run(0.001);
                Note();
            }

            network.Send(packet);
        }

        network.Run(1.5);
        Note();
        // As soon as the packet with its SRV record arrived.
        Assert.Equal(6.573, found.TotalSeconds, 0.0011);
        Assert.True(gone > TimeSpan.FromSeconds(69));
        Assert.Equal(
            ["True Mandos [fe80::ec5d:a5ff:fe20:4aa0%2]:54011", "False Mandos [fe80::ec5d:a5ff:fe20:4aa0%2]:54011"],
            client.Events.ConvertAll(e => $"{e.Found} {e.InstanceName} {e.EndPoint}"));
        Assert.Equal(0, client.Browser.Statistics.OffLink + client.Browser.Statistics.Malformed);

        void Note()
        {
            if (found == default && client.Present.Count > 0)
                found = network.Now;
            if (found != default && gone == default && client.Present.Count == 0)
                gone = network.Now;
        }
    }

    [Fact]
    public async Task Our_announcement_has_the_same_records_as_the_recorded_one()
    {
        var recorded = GoldenPackets.Read("query-response.txt").First(p => p.Message.Answers.Count == 5).Message;
        var network = new SimulatedNetwork();
        await using var server = new SimulatedServer(network, "vm", 54011, 1, network.Attach("fe80::ec5d:a5ff:fe20:4aa0"));
        network.Run(5);
        var ours = network.Sent.Last().Message;
        Assert.Equal(recorded.Flags, ours.Flags);
        Assert.Equal(recorded.Answers.Count, ours.Answers.Count);
        Assert.All(
            recorded.Answers, r => Assert.Contains(ours.Answers, o => o.Matches(r) && o.Ttl == r.Ttl && o.CacheFlush == r.CacheFlush));
    }

    [Fact]
    public async Task Our_answer_has_the_same_records_as_the_recorded_one()
    {
        var packets = GoldenPackets.Read("query-response.txt");
        var query = packets.FindIndex(p => p.Message.Questions.Exists(q => q.Type == DnsType.Ptr));
        var network = new SimulatedNetwork();
        await using var server = new SimulatedServer(network, "vm", 54011, 1, network.Attach("fe80::ec5d:a5ff:fe20:4aa0"));
        network.Run(10);
        network.Sent.Clear();
        network.Send(packets[query]);
        network.Run(1);
        var ours = Assert.Single(network.Sent, p => p.Message.IsResponse).Message;
        Assert.All(
            packets[query + 1].Message.Answers,
            r => Assert.Contains(ours.Answers.Concat(ours.Additionals), o => o.Matches(r) && o.Ttl == r.Ttl));
    }

    [Fact]
    public async Task A_recorded_probe_makes_our_server_yield_depending_on_the_data()
    {
        var probe = GoldenPackets.Read("query-response.txt")[0];
        Assert.Equal(3, probe.Message.Questions.Count);
        foreach (var (port, yields) in new[] { ((ushort)54010, true), ((ushort)54012, false) })
        {
            var network = new SimulatedNetwork();
            await using var server = new SimulatedServer(network, "other", port, 1, network.Attach("fe80::1"));
            network.RunUntil(() => network.Sent.Count == 1);
            network.Send(probe);
            network.Run(0.9);
            // Who yields waits for a second, then probes from the start.
            Assert.Equal(yields ? 1 : 4, network.Sent.Count(p => p.Source.Equals(IPAddress.Parse("fe80::1"))));
        }
    }

    [Fact]
    public void Every_recorded_packet_can_be_parsed()
    {
        foreach (var file in new[] { "announce-and-resolve.txt", "query-response.txt" })
            Assert.All(GoldenPackets.Read(file), p => Assert.True(p.Message.Questions.Count + p.Message.Answers.Count > 0));
    }
}
