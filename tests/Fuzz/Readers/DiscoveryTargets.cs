using System.Net;
using System.Net.Sockets;
using Mandos.Core.Discovery.Browsing;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;
using Mandos.Core.Discovery.Publishing;
using Mandos.Core.Linux;

namespace Mandos.Fuzz.Readers;

/// <summary>Multicast DNS: the message alone, and the machines of browser and publisher over many packets in moving time.</summary>
internal static class DiscoveryTargets
{
    private const int Interface = 2;
    private const string Service = "_mandos._tcp.local";

    /// <summary>A question, its answer with pointers (RFC 1035, 4.1.4), and one with all records of a server.</summary>
    private static readonly byte[][] Messages =
    [
        Seeds.Hex("000000000001000000000000075F6D616E646F73045F746370056C6F63616C00000C0001"),
        Seeds.Hex(
            "000084000000000200000000075F6D616E646F73045F746370056C6F63616C00000C0001000011940009064D616E646F73C00CC02A0021800100000078000A0000000010670168C019"),
        Seeds.Hex("000084000000000400000000075F6D616E646F73045F746370056C6F63616C00000C0001000011940009064D616E646F73C00CC02A0021800100000078000A0000000010670168C019C02A00108001000011940001"
            + "00C045001C8001000000780010FE80000000000000000000000000000100"[..58]),
    ];

    private static readonly byte[][] WordList =
    [
        .. Seeds.Texts("\u0007_mandos", "\u0004_tcp", "\u0005local\0", "\u0006Mandos"),
        Seeds.Hex("C00C"), Seeds.Hex("000C0001"), Seeds.Hex("00218001"), Seeds.Hex("001C8001"), Seeds.Hex("00018001"),
        Seeds.Hex("00108001"), Seeds.Hex("002F8001"), Seeds.Hex("00FF0001"),
        Seeds.Hex("00000000"), Seeds.Hex("00000078"), Seeds.Hex("8400"),
    ];

    internal static IEnumerable<FuzzTarget> All =>
    [
        new("dns", Messages, bytes => _ = DnsMessage.TryParse(bytes, out _)) { Words = WordList },
        new("mdns-browser", Steps(0x3d), Browse) { Words = WordList },
        new("mdns-publisher", Steps(0x3d), Publish) { Words = WordList },
    ];

    private static byte[][] Steps(byte flags) =>
        [[.. Messages.SelectMany(m => Script.Step([4, flags], m))], .. Messages.Select(m => Script.Step([200, (byte)(flags ^ 2)], m))];

    private static void Browse(byte[] bytes)
    {
        var transport = new Silence();
        var machine = new BrowserMachine(DnsName.Parse(Service), transport, new MulticastStatistics(), new Random(1), debug: null);
        machine.Use(Interface, TimeSpan.Zero);
        Play(bytes, machine);
        _ = machine.Found();
        machine.Forget(Interface);
    }

    private static void Publish(byte[] bytes)
    {
        var options = new MulticastServicePublisherOptions { Port = 4711, HostName = "h", UseIPv4 = true };
        var machine = new PublisherMachine(options, new Silence(), new MulticastStatistics(), new Random(1));
        machine.Use(new(Interface, IsIPv6: true), TimeSpan.Zero);
        machine.Use(new(Interface, IsIPv6: false), TimeSpan.Zero);
        machine.Start(TimeSpan.Zero);
        Play(bytes, machine);
        machine.Stop();
    }

    /// <summary>A step: how long nothing comes, in units of 50 ms; how the packet came; the packet.</summary>
    private static void Play(byte[] bytes, IMulticastMachine machine)
    {
        var script = new Script(bytes);
        var now = TimeSpan.Zero;
        while (!script.AtEnd)
        {
            now += TimeSpan.FromMilliseconds(50 * script.Byte());
            machine.Tick(now);
            var flags = script.Byte();
            var isIPv6 = (flags & 1) != 0;
            machine.Receive(
                new MulticastPacket
                {
                    Message = script.Piece(),
                    Link = new(Interface, isIPv6),
                    Source = isIPv6 ? IPAddress.Parse("fe80::9%2") : IPAddress.Parse("10.0.0.9"),
                    OneShot = (flags & 2) != 0,
                    ToGroup = (flags & 4) != 0,
                    FromNeighbour = (flags & 8) != 0,
                    FromLink = (flags & 64) != 0,
                    HopLimit = (flags & 16) != 0 ? 255 : 64,
                    SourcePort = (flags & 32) != 0 ? MulticastLink.Port : (ushort)40000,
                },
                now);
        }

        machine.Tick(now + TimeSpan.FromHours(1));
    }

    /// <summary>Takes every packet and sends none.</summary>
    private sealed class Silence : IMulticastTransport
    {
        private static readonly IPAddress Ipv6 = IPAddress.Parse("fe80::1"), Ipv4 = IPAddress.Parse("10.0.0.1");

        public void Start(IMulticastReceiver receiver)
        {
        }

        public Errno Join(MulticastLink link) => default;

        public void Leave(MulticastLink link)
        {
        }

        public Errno Send(MulticastLink link, ReadOnlySpan<byte> message) => default;

        public Errno SendOneShot(MulticastLink link, ReadOnlySpan<byte> message) => default;

        public Errno SendTo(MulticastLink link, IPAddress destination, ushort port, ReadOnlySpan<byte> message) => default;

        public IReadOnlyList<IPAddress> AddressesOf(MulticastLink link) => [link.IsIPv6 ? Ipv6 : Ipv4];

        public bool IsOwn(IPAddress address) =>
            address.AddressFamily == AddressFamily.InterNetworkV6 ? address.Equals(Ipv6) : address.Equals(Ipv4);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
