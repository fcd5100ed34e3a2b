using Mandos.Core.Exchange.Crypto;
using Mandos.Core.Keys;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Mandos.Core.Exchange;

/// <summary>BouncyCastle's cryptography, which gets to see no key of a peer that <see cref="PublicKeyRules"/> do not allow.</summary>
internal sealed class KeyAskingCrypto() : BcTlsCrypto(new SecureRandom(new KernelRandom()))
{
    public override TlsCertificate CreateCertificate(short type, byte[] encoding)
    {
        if (type != CertificateType.RawPublicKey)
            throw new TlsFatalAlert(AlertDescription.unsupported_certificate,
                new KeyFormatException("a certificate instead of a raw public key"));
        try
        {
            PublicKeyRules.Check(encoding);
        }
        catch (KeyFormatException e)
        {
            throw new TlsFatalAlert(AlertDescription.bad_certificate, e);
        }
        return new PeerKey(this, encoding);
    }
}
