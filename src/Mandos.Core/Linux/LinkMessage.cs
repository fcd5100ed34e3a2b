using System.Runtime.InteropServices;
using System.Text;

namespace Mandos.Core.Linux;

/// <summary>
/// RTM_NEWLINK and RTM_DELLINK: struct ifinfomsg and attributes (rtnetlink(7)).
/// <code>
///  0     1     2       4         8         12        16
///  +-----+-----+-------+---------+---------+---------+-------- - -
///  | fam | 0   | type  | index   | flags   | change  | attributes
///  +-----+-----+-------+---------+---------+---------+-------- - -
/// </code>
/// </summary>
internal readonly record struct LinkMessage(int Index, string Name, LinkFlags Flags)
{
    internal const int Length = 16;
    private const int IFLA_IFNAME = 3;

    /// <summary>
    /// False for what is no such message, and for messages of another family: a bridge announces with AF_BRIDGE that a
    /// port left it, in the form of a deleted link.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> payload, out LinkMessage message)
    {
        message = default;
        if (payload.Length < Length || payload[0] != 0)
            return false;
        var index = MemoryMarshal.Read<int>(payload[4..]);
        var flags = (LinkFlags)MemoryMarshal.Read<int>(payload[8..]);
        var name = "";
        var attributes = new NetlinkAttributes(payload[Length..]);
        while (attributes.MoveNext())
        {
            if (attributes.Type == IFLA_IFNAME)
                name = Encoding.UTF8.GetString(attributes.Value.TrimEnd((byte)0));
        }
        message = new LinkMessage(index, name, flags & KnownFlags);
        return index > 0 && name.Length > 0;
    }

    // Statistics-like flags (promiscuous, multicast lists) would make events of no interest.
    private const LinkFlags KnownFlags = LinkFlags.Up | LinkFlags.Broadcast | LinkFlags.Loopback | LinkFlags.PointToPoint
        | LinkFlags.Running | LinkFlags.NoArp | LinkFlags.Multicast | LinkFlags.LowerUp;
}
