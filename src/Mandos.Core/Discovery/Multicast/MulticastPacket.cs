using System.Net;

namespace Mandos.Core.Discovery.Multicast;

/// <summary>A received packet with what the network layer knows about it.</summary>
internal readonly ref struct MulticastPacket
{
    /// <summary>The hop limit that packets of multicast DNS should have (RFC 6762, section 11).</summary>
    internal const int FullHopLimit = 255;

    internal required ReadOnlySpan<byte> Message { get; init; }

    internal required MulticastLink Link { get; init; }

    internal required IPAddress Source { get; init; }

    internal required ushort SourcePort { get; init; }

    /// <summary>As it arrived.</summary>
    internal required int HopLimit { get; init; }

    /// <summary>The destination was the multicast group, not an address of this machine.</summary>
    internal required bool ToGroup { get; init; }

    /// <summary>Source or destination is link-local, or the source is in a subnet of the interface, or the subnets are not known.</summary>
    internal required bool FromNeighbour { get; init; }

    /// <summary>The source is link-local or in a subnet of the interface: known, not only assumed.</summary>
    internal required bool FromLink { get; init; }

    /// <summary>It answers a one-shot query (arrived on the port that these are sent from).</summary>
    internal bool OneShot { get; init; }
}
