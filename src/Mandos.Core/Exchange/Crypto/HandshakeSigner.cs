using Mandos.Core.Keys;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace Mandos.Core.Exchange.Crypto;

/// <summary>Signs CertificateVerify (RFC 8446, 4.4.3) with the machine's key; that class hashes the message itself.</summary>
internal sealed class HandshakeSigner(TlsKeyPair keys) : TlsSigner
{
    public byte[] GenerateRawSignature(SignatureAndHashAlgorithm algorithm, byte[] hash) =>
        throw new TlsFatalAlert(AlertDescription.internal_error);

    public TlsStreamSigner GetStreamSigner(SignatureAndHashAlgorithm algorithm) =>
        new MessageSigner(keys, SignatureScheme.From(algorithm));

    private sealed class MessageSigner(TlsKeyPair keys, int scheme) : MemoryStream, TlsStreamSigner
    {
        public Stream Stream => this;

        // BouncyCastle closes the stream before this call; a closed MemoryStream still returns its content.
        public byte[] GetSignature() => keys.Sign(scheme, ToArray());
    }
}
