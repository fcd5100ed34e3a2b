using System.Buffers.Binary;

namespace Mandos.Core.Discovery.Dns;

/// <summary>Writes one message at a time into its own buffer, with name compression.</summary>
internal sealed class DnsMessageWriter
{
    /// <summary>The maximum length in bytes, so that a message fits into one Ethernet frame with IPv6.</summary>
    internal const int MaxLength = 1440;

    private const ushort ClassInternet = 1;
    private const ushort TopBit = 0x8000;
    private const int PointerLimit = 0x4000;

    private readonly byte[] _buffer = new byte[MaxLength];

    /// <summary>The positions of labels that a pointer may refer to.</summary>
    private readonly List<ushort> _labels = [];

    private int _length;

    /// <summary>Whether the message has no questions and no records.</summary>
    internal bool IsEmpty => _length == DnsMessage.HeaderLength;

    /// <summary>The message so far; valid until the next call.</summary>
    internal ReadOnlySpan<byte> Message => _buffer.AsSpan(0, _length);

    /// <summary>
    /// Whether the target of SRV records may be compressed, which is not allowed in legacy unicast responses (RFC 6762, section 18.14).
    /// </summary>
    internal bool CompressesSrv { get; private set; }

    internal void Begin(ushort flags, ushort id = 0, bool compressSrv = true)
    {
        _buffer.AsSpan(0, DnsMessage.HeaderLength).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(_buffer, id);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(2), flags);
        _length = DnsMessage.HeaderLength;
        _labels.Clear();
        CompressesSrv = compressSrv;
    }

    /// <summary>Adds a question; false, without any change, if it does not fit.</summary>
    internal bool TryAdd(in DnsQuestion question)
    {
        var start = (_length, _labels.Count);
        return (TryWriteName(question.Name, compress: true) && TryWriteUInt16((ushort)question.Type)
            && TryWriteUInt16((ushort)(ClassInternet | (question.UnicastResponse ? TopBit : 0)))
            && Count(2)) || Undo(start);
    }

    /// <summary>
    /// Adds a record with another time to live (seconds) and cache-flush bit than its own; false, without any change, if it does not fit.
    /// </summary>
    internal bool TryAdd(DnsSection section, DnsRecord record, uint ttl, bool cacheFlush)
    {
        var start = (_length, _labels.Count);
        return (TryWriteName(record.Name, compress: true) && TryWriteUInt16((ushort)record.Type)
            && TryWriteUInt16((ushort)(ClassInternet | (cacheFlush ? TopBit : 0)))
            && TryWriteUInt16((ushort)(ttl >> 16)) && TryWriteUInt16((ushort)ttl)
            && TryWriteData(record) && Count((int)section)) || Undo(start);
    }

    internal bool TryAdd(DnsSection section, DnsRecord record) => TryAdd(section, record, record.Ttl, record.CacheFlush);

    private bool TryWriteData(DnsRecord record)
    {
        var lengthAt = _length;
        if (!TryWriteUInt16(0))
            return false;
        var written = record.Type switch
        {
            DnsType.Ptr => TryWriteName(record.Target, compress: true),
            DnsType.Srv => TryWrite(record.Data[..DnsRecord.SrvHeaderLength]) && TryWriteName(record.Target, CompressesSrv),
            _ => TryWrite(record.Data),
        };
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(lengthAt), (ushort)(_length - lengthAt - 2));
        return written;
    }

    private bool TryWriteName(DnsName name, bool compress)
    {
        var rest = name.Wire;
        while (rest[0] != 0)
        {
            if (compress && Find(rest) is var known and >= 0)
                return TryWriteUInt16((ushort)(0xC000 | known));
            if (_length < PointerLimit)
                _labels.Add((ushort)_length);
            var label = rest[..(1 + rest[0])];
            if (!TryWrite(label))
                return false;
            rest = rest[label.Length..];
        }

        return TryWrite(rest);
    }

    private int Find(ReadOnlySpan<byte> suffix)
    {
        foreach (var at in _labels)
        {
            int offset = at;
            if (DnsName.TryRead(_buffer.AsSpan(0, _length), ref offset, out var name) && name.Wire.SequenceEqual(suffix))
                return at;
        }

        return -1;
    }

    private bool TryWriteUInt16(ushort value)
    {
        if (!BinaryPrimitives.TryWriteUInt16BigEndian(_buffer.AsSpan(_length), value))
            return false;
        _length += 2;
        return true;
    }

    private bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.TryCopyTo(_buffer.AsSpan(_length)))
            return false;
        _length += bytes.Length;
        return true;
    }

    /// <summary>Increments a count in the header, which is addressed in words of 16 bits.</summary>
    private bool Count(int field)
    {
        var counter = _buffer.AsSpan(2 * field, 2);
        BinaryPrimitives.WriteUInt16BigEndian(counter, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(counter) + 1));
        return true;
    }

    private bool Undo((int Length, int Labels) start)
    {
        _length = start.Length;
        _labels.RemoveRange(start.Labels, _labels.Count - start.Labels);
        return false;
    }
}
