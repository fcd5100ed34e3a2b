using System.Net;
using System.Net.Sockets;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;
using Mandos.Core.Linux;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Core.Tests.Discovery;

/// <summary>One link with any number of hosts, in virtual time. A packet arrives one millisecond after it was sent.</summary>
internal sealed class SimulatedNetwork
{
    internal const int Interface = 2;

    private readonly List<SimulatedTransport> _transports = [];
    private readonly List<(TimeSpan At, SentPacket Packet)> _underway = [];

    internal FakeTimeProvider Time { get; } = new();

    internal TimeSpan Now { get; private set; }

    /// <summary>All that was sent, lost or not.</summary>
    internal List<SentPacket> Sent { get; } = [];

    /// <summary>What publishers sent.</summary>
    internal IEnumerable<SentPacket> Responses => Sent.Where(p => p.Message.IsResponse);

    /// <summary>Decides whether a packet is lost.</summary>
    internal Func<SentPacket, bool> Loses { get; set; } = _ => false;

    internal SimulatedTransport Attach(params string[] addresses)
    {
        var transport = new SimulatedTransport(this, [.. addresses.Select(IPAddress.Parse)]);
        _transports.Add(transport);
        return transport;
    }

    internal void Detach(SimulatedTransport transport) => _transports.Remove(transport);

    internal void Send(SentPacket packet)
    {
        Sent.Add(packet with { At = Now });
        if (!Loses(packet))
            _underway.Add((Now + TimeSpan.FromMilliseconds(1), packet));
    }

    internal void Run(double seconds)
    {
        for (var end = Now + TimeSpan.FromSeconds(seconds); Now < end;)
        {
            Now += TimeSpan.FromMilliseconds(1);
            Time.Advance(TimeSpan.FromMilliseconds(1));
            foreach (var (_, packet) in _underway.FindAll(u => u.At <= Now))
            {
                foreach (var transport in _transports.ToArray())
                    transport.Deliver(packet);
            }

            _underway.RemoveAll(u => u.At <= Now);
        }
    }

    /// <summary>The virtual time until a condition holds, at most <paramref name="limit"/> seconds.</summary>
    internal TimeSpan RunUntil(Func<bool> condition, double limit = 100)
    {
        var start = Now;
        while (!condition())
        {
            Assert.True(Now - start < TimeSpan.FromSeconds(limit), "the condition never held");
            Run(0.001);
        }

        return Now - start;
    }
}

internal sealed record SentPacket(byte[] Bytes, bool IsIPv6, IPAddress Source, ushort SourcePort)
{
    public TimeSpan At { get; init; }

    /// <summary>Null for the group.</summary>
    public IPAddress? Destination { get; init; }

    public ushort DestinationPort { get; init; } = MulticastLink.Port;

    public int HopLimit { get; init; } = 255;

    public bool FromNeighbour { get; init; } = true;

    public DnsMessage Message => DnsMessage.TryParse(Bytes, out var message) ? message : throw new InvalidOperationException();
}

internal sealed class SimulatedTransport(SimulatedNetwork network, List<IPAddress> addresses) : IMulticastTransport
{
    private const ushort OneShotPort = 40000;
    private static readonly Errno AddressNotAvailable = new(99);

    private IMulticastReceiver? _receiver;

    internal List<IPAddress> Addresses { get; } = addresses;

    /// <summary>As while addresses are tentative.</summary>
    internal bool CannotSend { get; set; }

    public void Start(IMulticastReceiver receiver) => _receiver = receiver;

    public Errno Join(MulticastLink link) => default;

    public void Leave(MulticastLink link)
    {
    }

    public Errno Send(MulticastLink link, ReadOnlySpan<byte> message) => Send(link, message, MulticastLink.Port, null, MulticastLink.Port);

    public Errno SendOneShot(MulticastLink link, ReadOnlySpan<byte> message) => Send(link, message, OneShotPort, null, MulticastLink.Port);

    public Errno SendTo(MulticastLink link, IPAddress destination, ushort port, ReadOnlySpan<byte> message) =>
        Send(link, message, MulticastLink.Port, destination, port);

    public IReadOnlyList<IPAddress> AddressesOf(MulticastLink link) => Addresses.FindAll(link.Carries);

    public bool IsOwn(IPAddress address) => Addresses.Contains(address);

    public ValueTask DisposeAsync()
    {
        network.Detach(this);
        return ValueTask.CompletedTask;
    }

    internal void Deliver(SentPacket packet)
    {
        if (packet.Destination is { } destination && !Addresses.Contains(destination))
            return;
        if (!Addresses.Exists(a => a.AddressFamily == AddressFamily.InterNetworkV6 == packet.IsIPv6))
            return;
        _receiver?.Receive(new MulticastPacket
        {
            Message = packet.Bytes,
            Link = new(SimulatedNetwork.Interface, packet.IsIPv6),
            Source = packet.Source,
            SourcePort = packet.SourcePort,
            HopLimit = packet.HopLimit,
            ToGroup = packet.Destination is null,
            FromNeighbour = packet.FromNeighbour,
            FromLink = packet.FromNeighbour,
            OneShot = packet.DestinationPort == OneShotPort,
        });
    }

    private Errno Send(MulticastLink link, ReadOnlySpan<byte> message, ushort port, IPAddress? destination, ushort destinationPort)
    {
        if (CannotSend || Addresses.Find(link.Carries) is not { } source)
            return AddressNotAvailable;
        network.Send(new(message.ToArray(), link.IsIPv6, source, port) { Destination = destination, DestinationPort = destinationPort });
        return default;
    }
}
