using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mandos.Client.ProcessBoundary;

/// <summary>The kinds of messages between the two processes.</summary>
internal enum ControlKind : byte
{
    /// <summary>To the network process: begin, because the hooks have run.</summary>
    Begin = 1,

    /// <summary>To the network process: an interface became usable, or got one more address.</summary>
    InterfaceUsable,

    /// <summary>To the network process: an interface is no longer usable.</summary>
    InterfaceGone,

    /// <summary>To the supervisor: add a route to a single host on a link.</summary>
    AddRoute,

    /// <summary>To the supervisor: a route is no longer needed.</summary>
    RemoveRoute,

    /// <summary>To the network process: whether a route was added.</summary>
    RouteAnswer,
}

/// <summary>
/// One message, of fixed size because the supervisor does not trust the network process:
/// <code>
///  0      1        2         3        4                8                12               28           44
/// +------+--------+---------+--------+----------------+----------------+----------------+------------+
/// | kind | flag   | family  | 0      | request        | interface      | address        | name       |
/// +------+--------+---------+--------+----------------+----------------+----------------+------------+
/// </code>
/// Numbers are little-endian; family is 4, 6 or 0; a name ends at its first zero byte.
/// </summary>
internal readonly record struct ControlMessage(
    ControlKind Kind, int Request = 0, int InterfaceIndex = 0, string Name = "", IPAddress? Address = null, bool Flag = false)
{
    /// <summary>The size of every message in bytes.</summary>
    internal const int Size = 44;

    private const int NameOffset = 28;
    private const int AddressOffset = 12;

    /// <summary>Writes the message.</summary>
    internal void Encode(Span<byte> bytes)
    {
        bytes[..Size].Clear();
        bytes[0] = (byte)Kind;
        bytes[1] = Flag ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Request);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], InterfaceIndex);
        if (Address is not null)
        {
            bytes[2] = Address.AddressFamily == AddressFamily.InterNetworkV6 ? (byte)6 : (byte)4;
            Address.TryWriteBytes(bytes[AddressOffset..NameOffset], out _);
        }

        // Interface names have at most 15 bytes.
        _ = Encoding.UTF8.TryGetBytes(Name, bytes[NameOffset..(Size - 1)], out _);
    }

    /// <summary>Parses a message; false if it is invalid.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, out ControlMessage message)
    {
        message = default;
        if (bytes.Length != Size
            || bytes[0] is < (byte)ControlKind.Begin or > (byte)ControlKind.RouteAnswer
            || bytes[1] > 1
            || bytes[3] != 0)
            return false;
        IPAddress? address;
        switch (bytes[2])
        {
            case 0:
                address = null;
                break;
            case 4:
                address = new IPAddress(bytes.Slice(AddressOffset, 4));
                break;
            case 6:
                address = new IPAddress(bytes.Slice(AddressOffset, 16));
                break;
            default:
                return false;
        }

        var name = bytes[NameOffset..];
        var end = name.IndexOf((byte)0);
        message = new ControlMessage(
            (ControlKind)bytes[0],
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            Encoding.UTF8.GetString(end < 0 ? name : name[..end]),
            address,
            bytes[1] == 1);
        return true;
    }
}
