using Mandos.Core.OpenPgp.Compression;
using Mandos.Core.OpenPgp.Packets;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp.Messages;

/// <summary>
/// The content of an encrypted message: one literal packet, with signatures before or after it, completely or partly compressed (the
/// grammar of RFC 9580 section 10.3).
/// </summary>
internal sealed class MessageContent(MessageBudget budget) : IDisposable
{
    private readonly MessageLimits _limits = budget.Limits;
    private readonly List<SignaturePacket> _signatures = [];
    private SecretBuffer? _plaintext;
    private int _announced;

    /// <summary>The signatures in the order of the message.</summary>
    public IReadOnlyList<SignaturePacket> Signatures => _signatures;

    /// <summary>The literal data, still owned by this object.</summary>
    public ReadOnlySpan<byte> Plaintext => _plaintext is null ? [] : _plaintext.Span;

    /// <summary>Reads the packets and requires a complete message.</summary>
    public Failure? Read(Span<byte> packets)
    {
        if (ReadPackets(packets, depth: 0) is { } failure)
            return failure;
        if (_plaintext is null)
            return Failure.Damaged("it contains no data");
        return _announced == 0 ? null : Failure.Damaged("the signature that it announces is missing");
    }

    /// <summary>Transfers the literal data to the caller, who disposes it.</summary>
    public SecretBuffer? TakePlaintext()
    {
        var plaintext = _plaintext;
        _plaintext = null;
        return plaintext;
    }

    public void Dispose() => _plaintext?.Dispose();

    private Failure? ReadPackets(Span<byte> packets, int depth)
    {
        var reader = new PacketReader(packets, budget);
        while (reader.Next())
        {
            var failure = reader.Tag switch
            {
                PacketTag.OnePassSignature => Announce(),
                PacketTag.Signature => AddSignature(reader.Body),
                PacketTag.Compressed => ReadCompressed(reader.Body, depth + 1),
                PacketTag.Literal => ReadLiteral(reader.Body),
                _ => Failure.Damaged($"a packet of type {(byte)reader.Tag} is out of place"),
            };
            if (failure is not null)
                return failure;
        }

        return reader.Failed ? budget.Exceeded ?? Failure.Damaged("its content is truncated or is not OpenPGP") : null;
    }

    /// <summary>Counts a one-pass packet. It repeats what the signature says, and only announces that one must follow.</summary>
    private Failure? Announce()
    {
        if (_plaintext is not null)
            return Failure.Damaged("a signature is announced after the data");
        _announced++;
        return null;
    }

    private Failure? AddSignature(ReadOnlySpan<byte> body)
    {
        if (_signatures.Count == _limits.MaxSignatures)
            return Failure.TooLarge($"it has more than {_limits.MaxSignatures} signatures");
        if (_plaintext is not null && --_announced < 0)
            return Failure.Damaged("it has a signature that was not announced");
        if (SignaturePacket.Read(body) is not { } signature)
            return Failure.Damaged("its signature is truncated or damaged");
        _signatures.Add(signature);
        return null;
    }

    private Failure? ReadCompressed(ReadOnlySpan<byte> body, int depth)
    {
        if (depth > _limits.MaxCompressionDepth)
            return Failure.TooLarge($"compressed data is nested more than {_limits.MaxCompressionDepth} levels deep");
        if (Decompression.Read(body, budget, out var packets) is { } failure)
            return failure;
        using (packets)
            return ReadPackets(packets!.Span, depth);
    }

    private Failure? ReadLiteral(ReadOnlySpan<byte> body)
    {
        if (_plaintext is not null)
            return Failure.Damaged("it contains more than one piece of data");
        if (!LiteralPacket.TryRead(body, out var data))
            return Failure.Damaged("its data is truncated");
        if (data.Length > _limits.MaxPlaintext)
            return Failure.TooLarge($"its content has {PasswordLimits.Excess(_limits.MaxPlaintext)}");
        _plaintext = SecretBuffer.CopyOf(data);
        return null;
    }
}
