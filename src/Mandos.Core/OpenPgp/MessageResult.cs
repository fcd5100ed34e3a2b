using Mandos.Core.OpenPgp.Messages;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp;

/// <summary>What became of a message.</summary>
public enum MessageOutcome
{
    /// <summary>The plaintext is there and its integrity was verified.</summary>
    Decrypted,

    /// <summary>No session key in it is for a key of ours.</summary>
    NotForThisKey,

    /// <summary>It is no OpenPGP message, is cut short, or was changed on its way.</summary>
    Damaged,

    /// <summary>It decrypts, but another key signed it or the signature is wrong.</summary>
    Forged,

    /// <summary>It uses a part of OpenPGP that this reader leaves out, on purpose or for its size.</summary>
    Unsupported,

    /// <summary>It or its content goes beyond <see cref="MessageLimits"/>.</summary>
    TooLarge,
}

/// <summary>What the signature in a message says about its maker.</summary>
public enum SignatureState
{
    /// <summary>The message is not signed, or was not read that far.</summary>
    None,

    /// <summary>Made by one of the public keys at hand over exactly this plaintext.</summary>
    Valid,

    /// <summary>Signed, but not checked: no public keys were given, or the kind of signature is not supported.</summary>
    NotVerified,

    /// <summary>Wrong, or made by none of the public keys at hand.</summary>
    Invalid,
}

/// <summary>The result of <see cref="MessageReader.Read"/>. Its receiver owns <see cref="Plaintext"/> and disposes it.</summary>
/// <param name="Outcome">What became of the message.</param>
/// <param name="Signature">What is known about the signature.</param>
/// <param name="Detail">One sentence for a debug line; never holds content of the message.</param>
/// <param name="Plaintext">The literal data byte by byte as it was encrypted; only with <see cref="MessageOutcome.Decrypted"/>.</param>
public sealed record MessageResult(MessageOutcome Outcome, SignatureState Signature, string Detail, SecretBuffer? Plaintext);
