using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Keys;

/// <summary>The types of new TLS keys: those that the boot client can sign with.</summary>
internal enum TlsKeyType
{
    Ed25519,
    Ed448,
    EcdsaP256,
    EcdsaP384,
    EcdsaP521,
    Rsa,
}

/// <summary>The names of TLS key types in certtool's <c>--key-type</c> and <c>--curve</c>.</summary>
internal static class TlsKeyTypes
{
    /// <summary>Parses a name; case is ignored.</summary>
    /// <exception cref="KeygenException">The name is not that of a supported type.</exception>
    public static TlsKeyType Parse(string name) => name.ToLowerInvariant() switch
    {
        "ed25519" or "eddsa" => TlsKeyType.Ed25519,
        "ed448" => TlsKeyType.Ed448,
        "secp256r1" => TlsKeyType.EcdsaP256,
        // certtool creates the same type for upstream's security level.
        "ecdsa" or "ecc" or "secp384r1" => TlsKeyType.EcdsaP384,
        "secp521r1" => TlsKeyType.EcdsaP521,
        "rsa" => TlsKeyType.Rsa,
        _ =>
            throw new KeygenException(
                $"--tls-keytype={name}: not a supported key type", "use ed25519, ed448, ecdsa, secp256r1, secp384r1, secp521r1 or rsa"),
    };
}
