using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Core.Tests.Linux;

/// <summary>Messages as the kernel sends them.</summary>
internal static class RouteMessages
{
    internal static byte[] Link(
        ushort type, int index, string name, LinkFlags flags, byte family = 0, params (ushort Type, byte[] Value)[] more)
    {
        var body = new byte[16];
        body[0] = family;
        MemoryMarshal.Write(body.AsSpan(4), index);
        MemoryMarshal.Write(body.AsSpan(8), (int)flags);
        return Message(type, body, [(3, Encoding.UTF8.GetBytes(name + "\0")), .. more]);
    }

    internal static byte[] Address(
        ushort type, int index, string address, int prefix, AddressFlags flags = 0, string? local = null, byte? protocol = null)
    {
        var ip = IPAddress.Parse(address);
        var body = new byte[8];
        body[0] = (byte)(ip.AddressFamily == AddressFamily.InterNetwork ? 2 : 10);
        body[1] = (byte)prefix;
        MemoryMarshal.Write(body.AsSpan(4), index);
        var attributes = new List<(ushort, byte[])> { (1, ip.GetAddressBytes()), (8, BitConverter.GetBytes((int)flags)) };
        if (local is not null)
            attributes.Add((2, IPAddress.Parse(local).GetAddressBytes()));
        if (protocol is { } origin)
            attributes.Add((11, [origin]));
        return Message(type, body, [.. attributes]);
    }

    /// <summary>Attributes within an attribute.</summary>
    internal static byte[] Nested(params (ushort Type, byte[] Value)[] attributes) =>
        Message(0, [], attributes)[NetlinkReader.HeaderLength..];

    internal static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + "\0");

    internal static byte[] Message(ushort type, byte[] body, params (ushort Type, byte[] Value)[] attributes)
    {
        var request = new NetlinkRequest(new byte[4096], type, 0, 7, body);
        foreach (var (attribute, value) in attributes)
            request.Add(attribute, value);
        return request.Finish().ToArray();
    }
}
