namespace Mandos.Core.Discovery.Multicast;

/// <summary>
/// Only a neighbour may answer (RFC 6762, sections 6 and 11): from port 5353, and with one of two proofs. The first proof is a hop limit of
/// 255, which no packet has after a router. RFC 6762 only recommends it, and other responders and repeaters send 1 (the kernel's default
/// for multicast). The second proof, for those, is that the packet was sent to the group, which no router forwards, from an address on the
/// link. A unicast packet needs both the hop limit and the address.
/// </summary>
internal static class ResponseOrigin
{
    /// <summary>False if the packet must be dropped, which is counted.</summary>
    internal static bool IsOnLink(in MulticastPacket packet, MulticastStatistics statistics)
    {
        if (packet.SourcePort != MulticastLink.Port)
        {
            statistics.WrongSourcePort++;
            return false;
        }

        var isWhole = packet.HopLimit == MulticastPacket.FullHopLimit;
        if (packet.ToGroup ? isWhole || packet.FromLink : isWhole && packet.FromNeighbour)
            return true;
        statistics.OffLink++;
        return false;
    }
}
