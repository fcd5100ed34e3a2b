using System.Runtime.CompilerServices;
using Mandos.Core.Keys;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Mandos.Core.Exchange;

/// <summary>The raw public key that a client presents; it keeps the original bytes, because the key ID is their hash.</summary>
internal sealed class PeerKey : BcTlsRawKeyCertificate
{
    private readonly byte[] _encoding;

    internal PeerKey(BcTlsCrypto crypto, byte[] encoding)
        : base(crypto, encoding) => _encoding = encoding;

    public override byte[] GetEncoded() => _encoding;

    /// <summary>An ECDSA key signs with the scheme of its own curve and no other (RFC 8446, 4.2.3).</summary>
    public override Tls13Verifier CreateVerifier(int signatureScheme)
    {
        var id = SubjectPublicKey.Parse(_encoding).Id;
        return id.Curve is not { } curve || signatureScheme == NistCurveNames.ToScheme(curve)
            ? base.CreateVerifier(signatureScheme)
            : throw new TlsFatalAlert(AlertDescription.illegal_parameter,
                new KeyFormatException($"an {id} key with a signature of another curve"));
    }

    /// <summary>
    /// Omits the base class's test whether the modulus is a product of large primes: it takes 0.1 s for 4096 bits, and any peer could
    /// trigger it. A known key needs no test, and an unknown one gets nothing.
    /// </summary>
    public override RsaKeyParameters GetPubKeyRsa()
    {
        PublicKeyRules.ReadRsa(SubjectPublicKey.Parse(_encoding).Key, out var modulus, out var exponent);
        return NewRsaKey(isPrivate: false, new BigInteger(1, modulus), new BigInteger(1, exponent), isInternal: true);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern RsaKeyParameters NewRsaKey(bool isPrivate, BigInteger modulus, BigInteger exponent, bool isInternal);
}
