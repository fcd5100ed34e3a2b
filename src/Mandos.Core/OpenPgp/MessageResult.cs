using Mandos.Core.OpenPgp.Messages;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp;

/// <summary>The outcome of reading a message.</summary>
public enum MessageOutcome
{
    /// <summary>The message was decrypted and its integrity verified.</summary>
    Decrypted,

    /// <summary>No session key is encrypted to one of our keys.</summary>
    NotForThisKey,

    /// <summary>It is not an OpenPGP message, is incomplete, or was changed in transit.</summary>
    Damaged,

    /// <summary>The message decrypts, but another key signed it or the signature is wrong.</summary>
    Forged,

    /// <summary>The message uses a part of OpenPGP that this reader leaves out, on purpose or for its size.</summary>
    Unsupported,

    /// <summary>The message or its content exceeds <see cref="MessageLimits"/>.</summary>
    TooLarge,
}

/// <summary>The state of the signature in a message.</summary>
public enum SignatureState
{
    /// <summary>The message is not signed, or was not read that far.</summary>
    None,

    /// <summary>One of the given public keys signed exactly this plaintext.</summary>
    Valid,

    /// <summary>Signed, but not checked: no public keys were given, or the kind of signature is not supported.</summary>
    NotVerified,

    /// <summary>The signature is wrong, or by none of the given public keys.</summary>
    Invalid,
}

/// <summary>The result of <see cref="MessageReader.Read"/>. Its receiver owns and disposes <see cref="Plaintext"/>.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Signature">The state of the signature.</param>
/// <param name="Detail">One sentence for debug output; never contains content of the message.</param>
/// <param name="Plaintext">The literal data, unchanged; only with <see cref="MessageOutcome.Decrypted"/>.</param>
public sealed record MessageResult(MessageOutcome Outcome, SignatureState Signature, string Detail, SecretBuffer? Plaintext);
