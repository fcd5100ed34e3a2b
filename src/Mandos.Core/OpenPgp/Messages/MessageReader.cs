using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Packets;

namespace Mandos.Core.OpenPgp.Messages;

/// <summary>
/// Decrypts OpenPGP messages to keys of this machine and verifies their signatures. It supports only what gpg and others write for RSA,
/// ElGamal and Curve25519 keys with AES (RFC 9580, and the AEAD packet of LibrePGP).
/// </summary>
/// <remarks>
/// The input may come from any source. Every input yields a result, nothing is released before its integrity is verified, and wrong padding
/// is treated like a wrong key.
/// </remarks>
public static class MessageReader
{
    /// <summary>Reads one message, binary or in ASCII armor.</summary>
    /// <param name="message">The message.</param>
    /// <param name="secretKeys">The decryption keys.</param>
    /// <param name="publicKeys">The accepted signing keys; a message that is signed by another key is <see cref="MessageOutcome.Forged"/>.
    /// If null, signatures are not checked. A message without a signature is read in either case.</param>
    /// <param name="limits">The limits for the message; null for <see cref="MessageLimits.Default"/>.</param>
    /// <param name="clock">The deadline, after which the message is <see cref="MessageOutcome.TooLarge"/>. Null for the system's time.
    /// </param>
    public static MessageResult Read(
        ReadOnlySpan<byte> message, SecretKeyRing secretKeys, PublicKeyRing? publicKeys, MessageLimits? limits = null,
        MessageClock? clock = null)
    {
        ArgumentNullException.ThrowIfNull(secretKeys);
        limits ??= MessageLimits.Default;
        if (message.Length > limits.MaxMessage)
            return Give(Failure.TooLarge($"it has {message.Length} bytes, more than {limits.MaxMessage}"));
        using var packets = Armor.Open(message, ArmorKind.Message, out var error);
        if (packets is null)
            return Give(Failure.Damaged(error));

        var budget = new MessageBudget(limits, clock ?? MessageClock.System);
        using var envelope = new MessageEnvelope(secretKeys, budget);
        if (envelope.Open(packets.Span, out var decrypted) is { } notOpened)
            return Give(notOpened);
        using (decrypted)
        {
            using var content = new MessageContent(budget);
            return content.Read(decrypted!.Span) is { } failure ? Give(failure) : CheckSignatures(content, publicKeys, budget);
        }
    }

    private static MessageResult Give(Failure failure) => new(failure.Outcome, SignatureState.None, failure.Detail, null);

    /// <summary>Verifies the signatures. One valid signature is enough; otherwise a wrong one makes the message invalid.</summary>
    private static MessageResult CheckSignatures(MessageContent content, PublicKeyRing? publicKeys, MessageBudget budget)
    {
        var state = SignatureState.None;
        var detail = "it is not signed";
        foreach (var signature in content.Signatures)
        {
            if (!budget.TakeTime())
                return Give(budget.Exceeded!.Value);
            var found = SignatureState.NotVerified;
            var finding = "it is signed, and the signature was not checked: no public key is available";
            if (publicKeys is not null)
                found = publicKeys.Verify(content.Plaintext, signature, out finding);
            if (state != SignatureState.None
                && found != SignatureState.Valid
                && (state == SignatureState.Invalid || found != SignatureState.Invalid))
                continue;
            (state, detail) = (found, finding);
            if (state == SignatureState.Valid)
                break;
        }

        return state == SignatureState.Invalid
            ? new(MessageOutcome.Forged, state, detail, null)
            : new(MessageOutcome.Decrypted, state, detail, content.TakePlaintext());
    }
}
