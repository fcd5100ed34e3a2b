using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Keys;

/// <summary>The kinds of TLS keys that are made here: those the boot client can sign with.</summary>
internal enum TlsKeyType
{
    Ed25519,
    Ed448,
    EcdsaP256,
    EcdsaP384,
    EcdsaP521,
    Rsa,
}

/// <summary>Names of TLS key types, as certtool's <c>--key-type</c> and <c>--curve</c> have them.</summary>
internal static class TlsKeyTypes
{
    /// <summary>Reads a name of either case.</summary>
    /// <exception cref="KeygenException">Not a name of a type that can be made.</exception>
    public static TlsKeyType Parse(string name) => name.ToLowerInvariant() switch
    {
        "ed25519" or "eddsa" => TlsKeyType.Ed25519,
        "ed448" => TlsKeyType.Ed448,
        "secp256r1" => TlsKeyType.EcdsaP256,
        // certtool makes the same of the original's security level.
        "ecdsa" or "ecc" or "secp384r1" => TlsKeyType.EcdsaP384,
        "secp521r1" => TlsKeyType.EcdsaP521,
        "rsa" => TlsKeyType.Rsa,
        _ =>
            throw new KeygenException(
                $"--tls-keytype={name}: not a supported key type", "use ed25519, ed448, ecdsa, secp256r1, secp384r1, secp521r1 or rsa"),
    };
}
