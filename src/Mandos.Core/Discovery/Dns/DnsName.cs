using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Mandos.Core.Discovery.Dns;

/// <summary>
/// A domain name in wire form without compression (RFC 1035, section 3.1): labels of 1 to 63 bytes, each after its length, terminated by a
/// zero byte, 255 bytes at most. Equality ignores the case of ASCII letters.
/// </summary>
/// <remarks>
/// <code>
///  +----+-----------+----+------+----+-------+----+
///  | 07 |  _mandos  | 04 | _tcp | 05 | local | 00 |
///  +----+-----------+----+------+----+-------+----+
/// </code>
/// </remarks>
internal sealed class DnsName : IEquatable<DnsName>
{
    internal const int MaxLength = 255;
    internal const int MaxLabelLength = 63;

    private readonly byte[] _wire;
    private readonly int _hash;

    private DnsName(byte[] wire)
    {
        _wire = wire;
        var h = 2166136261u;
        foreach (var b in _wire)
            h = (h ^ Fold(b)) * 16777619u;
        _hash = (int)h;
    }

    /// <summary>The wire form, including the terminating zero byte.</summary>
    internal ReadOnlySpan<byte> Wire => _wire;

    /// <summary>The first label as raw bytes; empty for the root.</summary>
    internal ReadOnlySpan<byte> FirstLabel => _wire.AsSpan(1, _wire[0]);

    internal bool IsRoot => _wire.Length == 1;

    /// <summary>Creates a name from labels separated by dots; only for names in this program, not for input.</summary>
    /// <exception cref="ArgumentException">A label is empty or too long, or the name is too long.</exception>
    internal static DnsName Parse(string text)
    {
        var bytes = new List<byte>(text.Length + 2);
        foreach (var label in text.Split('.'))
            AppendLabel(bytes, Encoding.UTF8.GetBytes(label));
        bytes.Add(0);
        return Checked(bytes);
    }

    /// <summary>Returns this name with one more label in front; the label may contain any bytes, including dots.</summary>
    /// <exception cref="ArgumentException">The label is empty or too long, or the name is too long.</exception>
    internal DnsName Child(ReadOnlySpan<byte> label)
    {
        var bytes = new List<byte>(_wire.Length + label.Length + 1);
        AppendLabel(bytes, label);
        bytes.AddRange(_wire);
        return Checked(bytes);
    }

    /// <summary>Whether this name is <paramref name="parent"/> with exactly one label in front.</summary>
    internal bool IsChildOf(DnsName parent) =>
        !IsRoot && FoldedEquals(_wire.AsSpan(1 + _wire[0]), parent._wire);

    /// <summary>
    /// Parses a name that may be compressed (RFC 1035, section 4.1.4). A pointer must lead to an earlier position than the part that it
    /// ends, so that there are no endless chains of pointers.
    /// </summary>
    internal static bool TryRead(ReadOnlySpan<byte> message, ref int offset, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        Span<byte> wire = stackalloc byte[MaxLength];
        var length = 0;
        var position = offset;
        var partStart = offset;
        var jumped = false;
        while (true)
        {
            if ((uint)position >= (uint)message.Length)
                return false;
            int octet = message[position++];
            switch (octet & 0xC0)
            {
                case 0xC0:
                    if (position >= message.Length)
                        return false;
                    var target = ((octet & 0x3F) << 8) | message[position++];
                    if (target >= partStart)
                        return false;
                    if (!jumped)
                        offset = position;
                    jumped = true;
                    position = partStart = target;
                    continue;
                case 0x00:
                    if (length + 1 + octet > MaxLength || octet > message.Length - position)
                        return false;
                    wire[length++] = (byte)octet;
                    message.Slice(position, octet).CopyTo(wire[length..]);
                    length += octet;
                    position += octet;
                    if (octet != 0)
                        continue;
                    if (!jumped)
                        offset = position;
                    name = new DnsName(wire[..length].ToArray());
                    return true;
                default:
                    return false;
            }
        }
    }

    /// <summary>The first label as text that is safe to print: UTF-8, in which everything that is not printable is replaced.</summary>
    internal string DisplayLabel() => Printable(FirstLabel);

    public override string ToString()
    {
        if (IsRoot)
            return ".";
        var text = new StringBuilder();
        for (var at = 0; _wire[at] != 0; at += 1 + _wire[at])
            text.Append(at == 0 ? "" : ".").Append(Printable(_wire.AsSpan(at + 1, _wire[at])));
        return text.ToString();
    }

    public bool Equals(DnsName? other) => other is not null && _hash == other._hash && FoldedEquals(_wire, other._wire);

    public override bool Equals(object? obj) => Equals(obj as DnsName);

    public override int GetHashCode() => _hash;

    /// <summary>Compares two wire forms, ignoring case. Length bytes are below 64, so case folding does not affect them.</summary>
    internal static bool FoldedEquals(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length)
            return false;
        for (var i = 0; i < a.Length; i++)
        {
            if (Fold(a[i]) != Fold(b[i]))
                return false;
        }

        return true;
    }

    private static byte Fold(byte b) => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;

    private static string Printable(ReadOnlySpan<byte> label)
    {
        var text = Encoding.UTF8.GetString(label).ToCharArray();
        for (var i = 0; i < text.Length; i++)
        {
            // Format characters could reorder a line on a terminal; a decoder never returns a lone surrogate.
            if (char.IsControl(text[i]) || char.GetUnicodeCategory(text[i]) == System.Globalization.UnicodeCategory.Format)
                text[i] = '\uFFFD';
        }

        return new string(text);
    }

    private static void AppendLabel(List<byte> bytes, ReadOnlySpan<byte> label)
    {
        if (label.Length is 0 or > MaxLabelLength)
            throw new ArgumentException("a label of a domain name has 1 to 63 bytes");
        bytes.Add((byte)label.Length);
        foreach (var b in label)
            bytes.Add(b);
    }

    private static DnsName Checked(List<byte> bytes) =>
        bytes.Count <= MaxLength ? new DnsName([.. bytes]) : throw new ArgumentException("a domain name has at most 255 bytes");
}
