using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace Mandos.Core.Linux.Netlink;

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
    private const int IFLA_IFNAME = 3, IFLA_LINK = 5, IFLA_MASTER = 10, IFLA_LINKINFO = 18, IFLA_LINK_NETNSID = 37, IFLA_PROP_LIST = 52;
    private const int IFLA_INFO_KIND = 1, IFLA_ALT_IFNAME = 53;

    /// <summary>Other names of the interface (ip-link(8), "property").</summary>
    internal ImmutableArray<string> AlternativeNames { get; init; } = [];

    /// <summary>The underlying interface, for example a VLAN's device; 0 if there is none in this namespace.</summary>
    internal int Lower { get; init; }

    /// <summary>The bond or bridge that it belongs to; 0 if none.</summary>
    internal int Master { get; init; }

    /// <summary>
    /// False for an invalid message, and for messages of another family: a bridge uses AF_BRIDGE and a "deleted link" to announce that a
    /// port left it.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> payload, out LinkMessage message)
    {
        message = default;
        if (payload.Length < Length || payload[0] != 0)
            return false;
        var index = MemoryMarshal.Read<int>(payload[4..]);
        var flags = (LinkFlags)MemoryMarshal.Read<int>(payload[8..]);
        var name = "";
        var (lower, master, elsewhere) = (0, 0, false);
        ReadOnlySpan<byte> kind = default;
        List<string>? alternatives = null;
        var attributes = new NetlinkAttributes(payload[Length..]);
        while (attributes.MoveNext())
        {
            var value = attributes.Value;
            switch (attributes.Type)
            {
                case IFLA_IFNAME:
                    name = Text(value);
                    break;
                case IFLA_LINK when value.Length == sizeof(int):
                    lower = MemoryMarshal.Read<int>(value);
                    break;
                case IFLA_MASTER when value.Length == sizeof(int):
                    master = MemoryMarshal.Read<int>(value);
                    break;
                case IFLA_LINK_NETNSID:
                    elsewhere = true;
                    break;
                case IFLA_LINKINFO:
                    kind = First(value, IFLA_INFO_KIND).TrimEnd((byte)0);
                    break;
                case IFLA_PROP_LIST:
                    Collect(value, IFLA_ALT_IFNAME, alternatives ??= []);
                    break;
            }
        }

        message = new LinkMessage(index, name, flags & KnownFlags)
        {
            AlternativeNames = alternatives is null ? [] : [.. alternatives],
            // The two ends of a veth pair refer to each other here; neither is below the other.
            Lower = lower > 0 && lower != index && !elsewhere && !IsPair(kind) ? lower : 0,
            Master = Math.Max(master, 0),
        };
        return index > 0 && name.Length > 0;
    }

    private static bool IsPair(ReadOnlySpan<byte> kind) =>
        kind.SequenceEqual("veth"u8) || kind.SequenceEqual("netkit"u8) || kind.SequenceEqual("vxcan"u8);

    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value.TrimEnd((byte)0));

    private static ReadOnlySpan<byte> First(ReadOnlySpan<byte> nested, int type)
    {
        var attributes = new NetlinkAttributes(nested);
        while (attributes.MoveNext())
        {
            if (attributes.Type == type)
                return attributes.Value;
        }

        return default;
    }

    private static void Collect(ReadOnlySpan<byte> nested, int type, List<string> texts)
    {
        var attributes = new NetlinkAttributes(nested);
        while (attributes.MoveNext())
        {
            if (attributes.Type == type)
                texts.Add(Text(attributes.Value));
        }
    }

    // Other flags (promiscuous, multicast lists) would cause irrelevant events.
    private const LinkFlags KnownFlags = LinkFlags.Up | LinkFlags.Broadcast | LinkFlags.Loopback | LinkFlags.PointToPoint
        | LinkFlags.Running | LinkFlags.NoArp | LinkFlags.Multicast | LinkFlags.LowerUp;
}
