using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mandos.Client.ProcessBoundary;

/// <summary>What the two processes say to each other.</summary>
internal enum ControlKind : byte
{
    /// <summary>To the network process: hooks have run, begin.</summary>
    Begin = 1,

    /// <summary>To the network process: an interface can be used, from now on or with one more address.</summary>
    InterfaceUsable,

    /// <summary>To the network process: an interface can no longer be used.</summary>
    InterfaceGone,

    /// <summary>To the supervisor: add a route to a single host on a link.</summary>
    AddRoute,

    /// <summary>To the supervisor: the route is no longer needed.</summary>
    RemoveRoute,

    /// <summary>To the network process: a route was added or not.</summary>
    RouteAnswer,
}

/// <summary>
/// One message, of fixed size since one side trusts nothing the other says:
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
    /// <summary>Bytes of every message.</summary>
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

        // Names of interfaces have at most 15 bytes.
        _ = Encoding.UTF8.TryGetBytes(Name, bytes[NameOffset..(Size - 1)], out _);
    }

    /// <summary>Reads a message; false if it is none.</summary>
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
