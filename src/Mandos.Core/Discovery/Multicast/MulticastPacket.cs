using System.Net;

namespace Mandos.Core.Discovery.Multicast;

/// <summary>A received packet with information from the network layer.</summary>
internal readonly ref struct MulticastPacket
{
    /// <summary>The hop limit that packets of multicast DNS should have (RFC 6762, section 11).</summary>
    internal const int FullHopLimit = 255;

    internal required ReadOnlySpan<byte> Message { get; init; }

    internal required MulticastLink Link { get; init; }

    internal required IPAddress Source { get; init; }

    internal required ushort SourcePort { get; init; }

    /// <summary>The hop limit on arrival.</summary>
    internal required int HopLimit { get; init; }

    /// <summary>Whether the destination was the multicast group rather than an address of this machine.</summary>
    internal required bool ToGroup { get; init; }

    /// <summary>
    /// Whether the source or destination is link-local, the source is in a subnet of the interface, or the subnets are unknown.
    /// </summary>
    internal required bool FromNeighbour { get; init; }

    /// <summary>Whether the source is known (not only assumed) to be link-local or in a subnet of the interface.</summary>
    internal required bool FromLink { get; init; }

    /// <summary>Whether the packet answers a one-shot query (it arrived on the port that these are sent from).</summary>
    internal bool OneShot { get; init; }
}
