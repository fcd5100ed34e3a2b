using Org.BouncyCastle.Tls;

namespace Mandos.Core.Keys;

/// <summary>The private half of a TLS key: signs a handshake (RFC 8446, 4.4.3). Owns and wipes its secret.</summary>
internal abstract class TlsSigningKey : IDisposable
{
    /// <summary>For people: "Ed25519", "RSA-4096".</summary>
    internal abstract string Name { get; }

    /// <summary>The signature schemes (RFC 8446, 4.2.3) that this key supports, best first.</summary>
    internal abstract IReadOnlyList<int> Schemes { get; }

    /// <summary>Signs the message itself (not its hash).</summary>
    internal abstract byte[] Sign(int scheme, ReadOnlySpan<byte> message);

    public abstract void Dispose();

    /// <summary>Creates a key with a copy of the private half, and checks that it matches the public one.</summary>
    /// <exception cref="KeyFormatException">The halves do not match, or the private one is damaged.</exception>
    internal static TlsSigningKey Create(SubjectPublicKey publicKey, PrivateKeyInfo privateKey)
    {
        if (privateKey.Id != publicKey.Id)
            throw new KeyFormatException(
                $"the public key is {publicKey.Id}, the private key {privateKey.Id}: they do not match");
        return publicKey.Id.Algorithm switch
        {
            KeyAlgorithm.Ed25519 => EdwardsSigningKey.Create(SignatureScheme.ed25519, publicKey.Key, privateKey.Key),
            KeyAlgorithm.Ed448 => EdwardsSigningKey.Create(SignatureScheme.ed448, publicKey.Key, privateKey.Key),
            KeyAlgorithm.Ecdsa => EcdsaSigningKey.Create(publicKey.Id.Curve!.Value, publicKey.Key, privateKey.Key),
            var rsa => RsaSigningKey.Create(rsa == KeyAlgorithm.RsaPss, publicKey.Key, privateKey.Key),
        };
    }

    /// <summary>The exception for halves that do not match.</summary>
    internal static KeyFormatException NotAPair() => new("the public and the private key do not match");
}
