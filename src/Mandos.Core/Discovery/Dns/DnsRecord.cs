using System.Buffers.Binary;
using System.Net.Sockets;
using System.Net;

namespace Mandos.Core.Discovery.Dns;

/// <summary>
/// A resource record of class IN. <see cref="Data"/> is RDATA without compression, so that records can be compared byte by byte as RFC
/// 6762, section 8.2.1 requires.
/// </summary>
internal sealed class DnsRecord
{
    private readonly byte[] _data;

    internal DnsRecord(DnsName name, DnsType type, uint ttl, byte[] data, bool cacheFlush = false)
    {
        Name = name;
        Type = type;
        Ttl = ttl;
        CacheFlush = cacheFlush;
        _data = data;
    }

    internal DnsName Name { get; }

    internal DnsType Type { get; }

    /// <summary>The time to live in seconds; 0 is a goodbye.</summary>
    internal uint Ttl { get; }

    /// <summary>The top bit of the class: this record replaces older ones of its name and type (RFC 6762, section 10.2).</summary>
    internal bool CacheFlush { get; }

    internal ReadOnlySpan<byte> Data => _data;

    /// <summary>The target of a PTR or SRV record.</summary>
    internal DnsName Target
    {
        get
        {
            var offset = Type == DnsType.Srv ? SrvHeaderLength : 0;
            return DnsName.TryRead(_data, ref offset, out var target) ? target : throw new InvalidOperationException();
        }
    }

    /// <summary>The port of an SRV record.</summary>
    internal ushort Port => BinaryPrimitives.ReadUInt16BigEndian(_data.AsSpan(4));

    /// <summary>The address of an A or AAAA record.</summary>
    internal IPAddress Address => new(_data);

    /// <summary>The length of priority, weight and port, which precede the target of an SRV record (RFC 2782).</summary>
    internal const int SrvHeaderLength = 6;

    internal static DnsRecord Ptr(DnsName name, DnsName target, uint ttl) => new(name, DnsType.Ptr, ttl, target.Wire.ToArray());

    internal static DnsRecord Srv(DnsName name, DnsName host, ushort port, uint ttl)
    {
        var data = new byte[SrvHeaderLength + host.Wire.Length];
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), port);
        host.Wire.CopyTo(data.AsSpan(SrvHeaderLength));
        return new(name, DnsType.Srv, ttl, data, cacheFlush: true);
    }

    /// <summary>A TXT record with one empty string, because at least one is required (RFC 6763, section 6.1).</summary>
    internal static DnsRecord EmptyTxt(DnsName name, uint ttl) => new(name, DnsType.Txt, ttl, [0], cacheFlush: true);

    internal static DnsRecord Of(DnsName name, IPAddress address, uint ttl) =>
        new(
            name, address.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa, ttl, address.GetAddressBytes(),
            cacheFlush: true);

    /// <summary>States which types exist for a name of ours, and thus that no others do (RFC 6762, section 6.1).</summary>
    internal static DnsRecord Nsec(DnsName name, uint ttl, params ReadOnlySpan<DnsType> types)
    {
        // Next name, then one bitmap block: window 0, its length, the bits (RFC 4034, section 4.1.2).
        Span<byte> data = stackalloc byte[DnsName.MaxLength + 2 + 32];
        name.Wire.CopyTo(data);
        var bitmap = data[(name.Wire.Length + 2)..];
        bitmap.Clear();
        var length = 0;
        foreach (var type in types)
        {
            var code = (int)type;
            bitmap[code / 8] |= (byte)(0x80 >> (code % 8));
            length = Math.Max(length, (code / 8) + 1);
        }

        data[name.Wire.Length] = 0;
        data[name.Wire.Length + 1] = (byte)length;
        return new(name, DnsType.Nsec, ttl, data[..(name.Wire.Length + 2 + length)].ToArray(), cacheFlush: true);
    }

    /// <summary>Whether name, type and data are equal; time to live and cache-flush bit are ignored.</summary>
    internal bool Matches(DnsRecord other) => Type == other.Type && Name.Equals(other.Name) && SameData(other._data);

    internal bool SameData(ReadOnlySpan<byte> other) =>
        Type is DnsType.Ptr ? DnsName.FoldedEquals(_data, other)
        : Type is DnsType.Srv ? _data.AsSpan(0, SrvHeaderLength).SequenceEqual(other[..SrvHeaderLength])
            && DnsName.FoldedEquals(_data.AsSpan(SrvHeaderLength), other[SrvHeaderLength..])
        : other.SequenceEqual(_data);
}

/// <summary>The record types of DNS that service discovery needs (RFC 1035, 2782, 3596, 4034).</summary>
internal enum DnsType : ushort
{
    A = 1,
    Ptr = 12,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
    Nsec = 47,

    /// <summary>In questions only: every type.</summary>
    Any = 255,
}
