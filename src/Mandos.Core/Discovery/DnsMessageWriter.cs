using System.Buffers.Binary;

namespace Mandos.Core.Discovery;

/// <summary>Writes one message at a time into a buffer of its own, with name compression.</summary>
internal sealed class DnsMessageWriter
{
    /// <summary>Bytes; what passes an Ethernet with IPv6 in one piece.</summary>
    internal const int MaxLength = 1440;

    private const ushort ClassInternet = 1;
    private const ushort TopBit = 0x8000;
    private const int PointerLimit = 0x4000;

    private readonly byte[] buffer = new byte[MaxLength];

    /// <summary>Where labels start to which a pointer may lead.</summary>
    private readonly List<ushort> labels = [];

    private int length;

    /// <summary>True while there is no question and no record.</summary>
    internal bool IsEmpty => length == DnsMessage.HeaderLength;

    /// <summary>The message so far; valid until the next call.</summary>
    internal ReadOnlySpan<byte> Message => buffer.AsSpan(0, length);

    /// <summary>Compression of the target of SRV records is allowed, but not in legacy unicast responses (RFC 6762, section 18.14).</summary>
    internal bool CompressesSrv { get; private set; }

    internal void Begin(ushort flags, ushort id = 0, bool compressSrv = true)
    {
        buffer.AsSpan(0, DnsMessage.HeaderLength).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(buffer, id);
        BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(2), flags);
        length = DnsMessage.HeaderLength;
        labels.Clear();
        CompressesSrv = compressSrv;
    }

    /// <summary>False if it does not fit any more; the message is as before then.</summary>
    internal bool TryAdd(in DnsQuestion question)
    {
        var start = (length, labels.Count);
        return (TryWriteName(question.Name, compress: true) && TryWriteUInt16((ushort)question.Type)
            && TryWriteUInt16((ushort)(ClassInternet | (question.UnicastResponse ? TopBit : 0)))
            && Count(2)) || Undo(start);
    }

    /// <summary>
    /// Adds a record with another time to live (seconds) and cache-flush bit than its own. False if it does not fit any
    /// more; the message is as before then.
    /// </summary>
    internal bool TryAdd(DnsSection section, DnsRecord record, uint ttl, bool cacheFlush)
    {
        var start = (length, labels.Count);
        return (TryWriteName(record.Name, compress: true) && TryWriteUInt16((ushort)record.Type)
            && TryWriteUInt16((ushort)(ClassInternet | (cacheFlush ? TopBit : 0)))
            && TryWriteUInt16((ushort)(ttl >> 16)) && TryWriteUInt16((ushort)ttl)
            && TryWriteData(record) && Count((int)section)) || Undo(start);
    }

    internal bool TryAdd(DnsSection section, DnsRecord record) => TryAdd(section, record, record.Ttl, record.CacheFlush);

    private bool TryWriteData(DnsRecord record)
    {
        var lengthAt = length;
        if (!TryWriteUInt16(0))
            return false;
        var written = record.Type switch
        {
            DnsType.Ptr => TryWriteName(record.Target, compress: true),
            DnsType.Srv => TryWrite(record.Data[..DnsRecord.SrvHeaderLength]) && TryWriteName(record.Target, CompressesSrv),
            _ => TryWrite(record.Data),
        };
        BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(lengthAt), (ushort)(length - lengthAt - 2));
        return written;
    }

    private bool TryWriteName(DnsName name, bool compress)
    {
        var rest = name.Wire;
        while (rest[0] != 0)
        {
            if (compress && Find(rest) is var known and >= 0)
                return TryWriteUInt16((ushort)(0xC000 | known));
            if (length < PointerLimit)
                labels.Add((ushort)length);
            var label = rest[..(1 + rest[0])];
            if (!TryWrite(label))
                return false;
            rest = rest[label.Length..];
        }

        return TryWrite(rest);
    }

    private int Find(ReadOnlySpan<byte> suffix)
    {
        foreach (var at in labels)
        {
            int offset = at;
            if (DnsName.TryRead(buffer.AsSpan(0, length), ref offset, out var name) && name.Wire.SequenceEqual(suffix))
                return at;
        }

        return -1;
    }

    private bool TryWriteUInt16(ushort value)
    {
        if (!BinaryPrimitives.TryWriteUInt16BigEndian(buffer.AsSpan(length), value))
            return false;
        length += 2;
        return true;
    }

    private bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.TryCopyTo(buffer.AsSpan(length)))
            return false;
        length += bytes.Length;
        return true;
    }

    /// <summary>Counts one more entry in a field of the header, numbered in words of 16 bits.</summary>
    private bool Count(int field)
    {
        var counter = buffer.AsSpan(2 * field, 2);
        BinaryPrimitives.WriteUInt16BigEndian(counter, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(counter) + 1));
        return true;
    }

    private bool Undo((int Length, int Labels) start)
    {
        length = start.Length;
        labels.RemoveRange(start.Labels, labels.Count - start.Labels);
        return false;
    }
}
