using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Packets;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp.Messages;

/// <summary>The outer layer of an encrypted message: session keys for its recipients, then the encrypted data.</summary>
internal sealed class MessageEnvelope(SecretKeyRing secretKeys, MessageBudget budget) : IDisposable
{
    private readonly List<SessionKey> _sessionKeys = [];
    private bool _addressed;

    /// <summary>Decrypts the message.</summary>
    /// <param name="packets">The message.</param>
    /// <param name="decrypted">The packets inside, after verification of their integrity; the caller disposes them.</param>
    public Failure? Open(Span<byte> packets, out SecretBuffer? decrypted)
    {
        decrypted = null;
        var reader = new PacketReader(packets, budget);
        var opened = false;
        while (reader.Next())
        {
            var failure = reader.Tag switch
            {
                _ when opened => Failure.Damaged("it has data after its encrypted data"),
                PacketTag.SessionKey => AddSessionKey(reader.Body),
                PacketTag.PasswordSessionKey => null,
                PacketTag.IntegrityProtected or PacketTag.AeadEncrypted => Decrypt(reader.Tag, reader.Body, out decrypted),
                PacketTag.Encrypted =>
                    Failure.Unsupported("it is encrypted without integrity protection (packet 9): it could have been changed"),
                PacketTag.Compressed or PacketTag.Literal or PacketTag.Signature or PacketTag.OnePassSignature =>
                    Failure.Unsupported("it is not encrypted"),
                _ => Failure.Damaged($"a packet of type {(byte)reader.Tag} is out of place"),
            };
            if (failure is not null)
                return Fail(failure.Value, ref decrypted);
            opened |= decrypted is not null;
        }

        if (reader.Failed || !opened)
            return Fail(budget.Exceeded ?? Failure.Damaged("it is truncated or is not OpenPGP"), ref decrypted);
        return null;
    }

    /// <summary>Wipes the session keys.</summary>
    public void Dispose()
    {
        foreach (var key in _sessionKeys)
            key.Dispose();
    }

    private static Failure Fail(Failure failure, ref SecretBuffer? decrypted)
    {
        decrypted?.Dispose();
        decrypted = null;
        return failure;
    }

    private Failure? AddSessionKey(ReadOnlySpan<byte> body)
    {
        if (!SessionKeyPacket.TryParse(body, out var packet))
            return null;
        foreach (var key in secretKeys.Keys)
        {
            if (!packet.IsFor(key.Public))
                continue;
            _addressed |= !packet.IsAnonymous;
            if (!budget.TakePrivateOperation())
                return budget.Exceeded;
            if (key.Unwrap(packet) is { } sessionKey)
                _sessionKeys.Add(sessionKey);
        }

        return null;
    }

    private Failure? Decrypt(PacketTag tag, ReadOnlySpan<byte> body, out SecretBuffer? decrypted)
    {
        decrypted = null;
        // With only hidden recipients, a message for others cannot be distinguished from a damaged one for us.
        var failure = _addressed ? Failure.Integrity : new(MessageOutcome.NotForThisKey, "it is encrypted to another key");
        foreach (var key in _sessionKeys)
        {
            if (DecryptWith(key, tag, body, out decrypted) is not { } reason)
                return null;
            if (!budget.TakeTime())
                return budget.Exceeded;
            if (_addressed || reason != Failure.Integrity)
                failure = reason;
        }

        return failure;
    }

    private Failure? DecryptWith(SessionKey key, PacketTag tag, ReadOnlySpan<byte> body, out SecretBuffer? decrypted)
    {
        decrypted = null;
        if (body is not [var version, ..])
            return Failure.Damaged("its encrypted data is truncated");
        switch (tag, version)
        {
            case (PacketTag.IntegrityProtected, 1):
                if (BlockCiphers.KeyLength(key.Cipher) == 0)
                    return Failure.UnsupportedCipher(key.Cipher);
                if (BlockCiphers.KeyLength(key.Cipher) != key.Bytes.Length)
                    return Failure.Integrity;
                decrypted = IntegrityProtectedData.Decrypt(body[1..], key);
                break;
            case (PacketTag.IntegrityProtected, 2) or (PacketTag.AeadEncrypted, 1):
                if (AeadData.Read(tag, body, out var data) is { } failure)
                    return failure;
                decrypted = data.Decrypt(key, budget);
                break;
            default:
                return Failure.Unsupported($"its encrypted data is of version {version}, which is not supported");
        }

        return decrypted is null ? Failure.Integrity : null;
    }
}
