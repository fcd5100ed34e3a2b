using System.Net;
using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Netlink;

/// <summary>
/// RTM_NEWADDR and RTM_DELADDR: struct ifaddrmsg and attributes (rtnetlink(7)).
/// <code>
///  0     1     2     3     4         8
///  +-----+-----+-----+-----+---------+-------- - -
///  | fam | len |flags|scope| index   | attributes
///  +-----+-----+-----+-----+---------+-------- - -
/// </code>
/// </summary>
internal readonly record struct AddressMessage(int Index, LinkAddress Address)
{
    private const int HeaderLength = 8;
    private const int IFA_ADDRESS = 1, IFA_LOCAL = 2, IFA_FLAGS = 8, IFA_PROTO = 11;
    private const byte IFAPROT_KERNEL_RA = 2;
    private const AddressFlags IFA_F_TEMPORARY = (AddressFlags)0x01;
    private const byte AF_INET = 2, AF_INET6 = 10;
    private const AddressFlags KnownFlags =
        AddressFlags.Optimistic | AddressFlags.DadFailed | AddressFlags.Deprecated | AddressFlags.Tentative;

    internal static bool TryParse(ReadOnlySpan<byte> payload, out AddressMessage message)
    {
        message = default;
        if (payload.Length < HeaderLength)
            return false;
        var family = payload[0];
        var index = MemoryMarshal.Read<int>(payload[4..]);
        var flags = (AddressFlags)payload[2];
        var fromRouter = false;
        ReadOnlySpan<byte> address = default, local = default;
        var attributes = new NetlinkAttributes(payload[HeaderLength..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case IFA_ADDRESS:
                    address = attributes.Value;
                    break;
                case IFA_LOCAL:
                    local = attributes.Value;
                    break;
                case IFA_PROTO:
                    fromRouter = attributes.Value is [IFAPROT_KERNEL_RA];
                    break;
                // The same flags in a wider field.
                case IFA_FLAGS when attributes.Value.Length == 4:
                    flags = (AddressFlags)MemoryMarshal.Read<int>(attributes.Value);
                    break;
            }
        }
        // On a point-to-point link, IFA_ADDRESS is the peer's address.
        var bytes = local.IsEmpty ? address : local;
        if (index <= 0 || ToAddress(family, bytes, index) is not { } own)
            return false;
        message = new AddressMessage(
            index,
            new LinkAddress(
                own, payload[1], flags & KnownFlags)
            { FromRouter = fromRouter || (family == AF_INET6 && flags.HasFlag(IFA_F_TEMPORARY)) });
        return true;
    }

    private static IPAddress? ToAddress(byte family, ReadOnlySpan<byte> bytes, int index) => (family, bytes.Length) switch
    {
        (AF_INET, 4) => new IPAddress(bytes),
        (AF_INET6, 16) when bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80 => new IPAddress(bytes, index),
        (AF_INET6, 16) => new IPAddress(bytes),
        _ => null,
    };
}
