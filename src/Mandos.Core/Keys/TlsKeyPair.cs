namespace Mandos.Core.Keys;

/// <summary>
/// The key that proves the identity of a booting machine: the contents of <c>tls-pubkey.pem</c> and <c>tls-privkey.pem</c>. Ed25519, Ed448,
/// ECDSA on P-256, P-384 or P-521, RSA and RSA-PSS.
/// </summary>
public sealed class TlsKeyPair : IDisposable
{
    private readonly TlsSigningKey _signer;
    private readonly byte[] _publicKey;

    private TlsKeyPair(byte[] publicKey, TlsSigningKey signer)
    {
        _publicKey = publicKey;
        _signer = signer;
        KeyId = KeyId.FromSubjectPublicKeyInfo(publicKey);
    }

    /// <summary>The ID by which the server knows this key.</summary>
    public KeyId KeyId { get; }

    /// <summary>DER SubjectPublicKeyInfo, exactly as in the file and as sent in the handshake.</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo => _publicKey;

    /// <summary>For people: "Ed25519", "ECDSA P-256", "RSA-4096".</summary>
    public string Algorithm => _signer.Name;

    /// <summary>The signature schemes (RFC 8446, 4.2.3) that the key supports, best first.</summary>
    internal IReadOnlyList<int> SignatureSchemes => _signer.Schemes;

    /// <summary>
    /// Reads a PEM SubjectPublicKeyInfo (<c>PUBLIC KEY</c>) and an unencrypted PEM PKCS#8 key (<c>PRIVATE KEY</c>), and checks that they
    /// belong together. The caller wipes the text of the private key.
    /// </summary>
    /// <exception cref="KeyFormatException">One of them is invalid or of an unsupported kind, or they do not match.</exception>
    public static TlsKeyPair Parse(ReadOnlySpan<byte> publicPem, ReadOnlySpan<byte> privatePem)
    {
        using var publicDer = PemBlock.Decode(publicPem, "PUBLIC KEY");
        using var privateDer = PemBlock.Decode(privatePem, "PRIVATE KEY");
        var signer = TlsSigningKey.Create(SubjectPublicKey.Parse(publicDer.Span), PrivateKeyInfo.Parse(privateDer.Span));
        return new(publicDer.Span.ToArray(), signer);
    }

    /// <summary>Signs a message with one of <see cref="SignatureSchemes"/>.</summary>
    internal byte[] Sign(int scheme, ReadOnlySpan<byte> message) => _signer.Sign(scheme, message);

    /// <summary>Wipes the private half.</summary>
    public void Dispose() => _signer.Dispose();
}
