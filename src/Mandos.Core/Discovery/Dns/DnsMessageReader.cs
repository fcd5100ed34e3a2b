using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Mandos.Core.Discovery.Dns;

/// <summary>Reads a message from front to back. Every method returns false on malformed input and never throws.</summary>
/// <remarks>
/// <code>
///  header    | ID | flags | questions | answers | authorities | additionals |   six times 16 bits
///  question  | name | type 16 | class 16 (top bit: unicast response) |
///  record    | name | type 16 | class 16 (top bit: cache flush) | ttl 32 | length 16 | data |
/// </code>
/// </remarks>
internal ref struct DnsMessageReader(ReadOnlySpan<byte> _message)
{
    private const ushort ClassInternet = 1;
    private const ushort ClassAny = 255;
    private const ushort TopBit = 0x8000;

    private readonly ReadOnlySpan<byte> _message = _message;
    private int _offset;

    internal bool TryReadMessage([NotNullWhen(true)] out DnsMessage? result)
    {
        result = null;
        if (!TryReadUInt16(out var id) || !TryReadUInt16(out var flags)
            || !TryReadUInt16(out var questions) || !TryReadUInt16(out var answers)
            || !TryReadUInt16(out var authorities) || !TryReadUInt16(out var additionals)
            || questions + answers + authorities + additionals > DnsMessage.MaxEntries)
            return false;

        var read = new DnsMessage(id, flags);
        if (!TryReadQuestions(questions, read.Questions) || !TryReadRecords(answers, read.Answers)
            || !TryReadRecords(authorities, read.Authorities) || !TryReadRecords(additionals, read.Additionals)
            || _offset != _message.Length)
            return false;
        result = read;
        return true;
    }

    private bool TryReadQuestions(int count, List<DnsQuestion> questions)
    {
        for (var i = 0; i < count; i++)
        {
            if (!DnsName.TryRead(_message, ref _offset, out var name) || !TryReadUInt16(out var type) || !TryReadUInt16(out var dnsClass))
                return false;
            if ((dnsClass & ~TopBit) is ClassInternet or ClassAny)
                questions.Add(new(name, (DnsType)type, (dnsClass & TopBit) != 0));
        }

        return true;
    }

    private bool TryReadRecords(int count, List<DnsRecord> records)
    {
        for (var i = 0; i < count; i++)
        {
            if (!DnsName.TryRead(_message, ref _offset, out var name)
                || !TryReadUInt16(out var type) || !TryReadUInt16(out var dnsClass)
                || !TryReadUInt16(out var ttlHigh) || !TryReadUInt16(out var ttlLow)
                || !TryReadUInt16(out var length) || length > _message.Length - _offset)
                return false;
            var end = _offset + length;
            // A record of another class (the OPT record of EDNS) is irrelevant.
            if ((dnsClass & ~TopBit) != ClassInternet)
            {
                _offset = end;
                continue;
            }

            if (!TryReadData((DnsType)type, end, out var data) || _offset != end)
                return false;
            records.Add(new(name, (DnsType)type, ((uint)ttlHigh << 16) | ttlLow, data, (dnsClass & TopBit) != 0));
        }

        return true;
    }

    private bool TryReadData(DnsType type, int end, [NotNullWhen(true)] out byte[]? data)
    {
        data = null;
        var raw = _message[_offset..end];
        if (type is not (DnsType.Ptr or DnsType.Srv))
        {
            _offset = end;
            data = raw.ToArray();
            return type switch { DnsType.A => raw.Length == 4, DnsType.Aaaa => raw.Length == 16, _ => true };
        }

        var fixedLength = type == DnsType.Srv ? DnsRecord.SrvHeaderLength : 0;
        if (raw.Length <= fixedLength)
            return false;
        _offset += fixedLength;
        if (!DnsName.TryRead(_message, ref _offset, out var target))
            return false;
        data = [.. raw[..fixedLength], .. target.Wire];
        return true;
    }

    private bool TryReadUInt16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(_message[_offset..], out value))
            return false;
        _offset += 2;
        return true;
    }
}
