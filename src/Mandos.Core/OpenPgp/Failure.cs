namespace Mandos.Core.OpenPgp;

/// <summary>Why a message cannot be read, on its way to the <see cref="MessageResult"/>.</summary>
internal readonly record struct Failure(MessageOutcome Outcome, string Detail)
{
    /// <summary>
    /// One message for wrong padding, a wrong session key and a wrong authentication code: an attacker who sends altered messages must not
    /// learn which one it was.
    /// </summary>
    public static Failure Integrity => Damaged("it was changed in transit, or its session key is wrong");

    public static Failure Damaged(string detail) => new(MessageOutcome.Damaged, detail);

    public static Failure Unsupported(string detail) => new(MessageOutcome.Unsupported, detail);

    public static Failure UnsupportedCipher(CipherAlgorithm cipher) =>
        Unsupported(
            $"it is encrypted with cipher {(byte)cipher}; only 3DES, CAST5, AES, Twofish and Camellia (2, 3, 7 to 13) are supported");

    public static Failure TooLarge(string detail) => new(MessageOutcome.TooLarge, detail);

    public static Failure Forged(string detail) => new(MessageOutcome.Forged, detail);
}
