using Mandos.Core.OpenPgp.Packets;

namespace Mandos.Core.OpenPgp.Keys;

/// <summary>One secret key that session keys are encrypted to.</summary>
internal abstract class DecryptionKey(PublicKeyPacket publicPart) : IDisposable
{
    public PublicKeyPacket Public { get; } = publicPart;

    /// <summary>
    /// The private operation: decrypts the session key in a packet for which <see cref="SessionKeyPacket.IsFor"/> is true.
    /// </summary>
    /// <returns>Null if the packet is not valid for this key's algorithm.</returns>
    public abstract SessionKey? Unwrap(in SessionKeyPacket packet);

    public abstract void Dispose();

    /// <summary>Reads the secret numbers of a key, which follow its public part.</summary>
    /// <returns>Null, with an empty error for an algorithm that does not decrypt, otherwise with the fault. After success
    /// <paramref name="secret"/> is at the end of the numbers.</returns>
    public static DecryptionKey? ReadSecret(PublicKeyPacket key, ref FieldReader secret, out string error)
    {
        error = "";
        switch (key.Algorithm)
        {
            case PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaEncryptOnly:
                return RsaSecretKey.Read(key, ref secret, out error);
            case PublicKeyAlgorithm.ElGamal:
                return ElGamalSecretKey.Read(key, ref secret, out error);
            case PublicKeyAlgorithm.Ecdh:
                return EcdhSecretKey.Read(key, ref secret, out error);
            case PublicKeyAlgorithm.X25519:
                return X25519SecretKey.Read(key, ref secret);
            case PublicKeyAlgorithm.RsaSignOnly:
                for (var i = 0; i < 4; i++)
                    secret.Number();
                return null;
            case PublicKeyAlgorithm.Dsa or PublicKeyAlgorithm.Ecdsa or PublicKeyAlgorithm.EdDsaLegacy:
                secret.Number();
                return null;
            case PublicKeyAlgorithm.Ed25519:
                secret.Bytes(32);
                return null;
            case PublicKeyAlgorithm.X448:
                secret.Bytes(56);
                error = "X448 is not supported";
                return null;
            default:
                secret.Bytes(57);
                return null;
        }
    }
}
