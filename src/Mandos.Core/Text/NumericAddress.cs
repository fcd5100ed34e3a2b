using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Mandos.Core.Text;

/// <summary>An IP address as inet_pton(3) parses it: without brackets, prefix length and scope, which .NET accepts.</summary>
public static class NumericAddress
{
    /// <summary>Parses an address of either family; null if it is invalid.</summary>
    public static IPAddress? Parse(string text) => text.Contains(':', StringComparison.Ordinal) ? ParseIPv6(text) : ParseIPv4(text);

    /// <summary>Four decimal numbers; .NET's parser also accepts <c>127.1</c> and <c>0x7f.1</c>.</summary>
    public static IPAddress? ParseIPv4(string text)
    {
        var parts = text.Split('.');
        if (parts.Length != 4)
            return null;
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length > 1 && parts[i][0] == '0')
                return null;
            if (!byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i]))
                return null;
        }

        return new IPAddress(bytes);
    }

    /// <summary>Hexadecimal numbers with colons; the last two may be written as an IPv4 address.</summary>
    public static IPAddress? ParseIPv6(string text)
    {
        // .NET's parser also accepts brackets, prefix lengths and scopes, and leading zeros in an IPv4 part.
        var plain = text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')
            && (!text.Contains('.', StringComparison.Ordinal) || ParseIPv4(text[(text.LastIndexOf(':') + 1)..]) is not null);
        return plain && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? address : null;
    }
}
