namespace Mandos.Core.Discovery;

/// <summary>
/// Only a neighbour may answer (RFC 6762, sections 6 and 11): from port 5353, and with a hop limit of 255, which no packet
/// has that came through a router. What came by unicast must also have the address of a neighbour.
/// </summary>
internal static class ResponseOrigin
{
    /// <summary>False if the packet is to be dropped; it is counted then.</summary>
    internal static bool IsOnLink(in MulticastPacket packet, MulticastStatistics statistics)
    {
        if (packet.SourcePort != MulticastLink.Port)
        {
            statistics.WrongSourcePort++;
            return false;
        }

        if (packet.HopLimit != MulticastPacket.FullHopLimit || (!packet.ToGroup && !packet.FromNeighbour))
        {
            statistics.OffLink++;
            return false;
        }

        return true;
    }
}
