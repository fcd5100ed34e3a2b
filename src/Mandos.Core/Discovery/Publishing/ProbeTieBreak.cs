using Mandos.Core.Discovery.Dns;

namespace Mandos.Core.Discovery.Publishing;

/// <summary>Decides between two hosts that probe for one name at the same time (RFC 6762, section 8.2).</summary>
internal static class ProbeTieBreak
{
    /// <summary>Negative if our records lose, zero if both sides claim the same, positive if ours win.</summary>
    internal static int Compare(List<DnsRecord> ours, List<DnsRecord> theirs)
    {
        ours.Sort(Compare);
        theirs.Sort(Compare);
        for (var i = 0; i < Math.Min(ours.Count, theirs.Count); i++)
        {
            if (Compare(ours[i], theirs[i]) is not 0 and var difference)
                return difference;
        }

        return ours.Count - theirs.Count;
    }

    /// <summary>By type, then by the raw bytes of the data without compression; the class is always IN.</summary>
    private static int Compare(DnsRecord a, DnsRecord b) =>
        a.Type != b.Type ? a.Type.CompareTo(b.Type) : a.Data.SequenceCompareTo(b.Data);
}
