using Mandos.Core.Linux;
using Org.BouncyCastle.Math.EC.Rfc7748;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace Mandos.Core.Exchange.Crypto;

/// <summary>Key exchange with X25519 (RFC 7748; RFC 8446, 7.4.2).</summary>
internal sealed class X25519Agreement(SlimTlsCrypto crypto) : TlsECDomain, TlsAgreement
{
    private readonly byte[] _privateKey = new byte[X25519.ScalarSize];
    private readonly byte[] _peer = new byte[X25519.PointSize];

    public TlsAgreement CreateECDH() => new X25519Agreement(crypto);

    public void ReceivePeerValue(byte[] peerValue)
    {
        if (peerValue.Length != _peer.Length)
            throw new TlsFatalAlert(AlertDescription.illegal_parameter);
        peerValue.CopyTo(_peer, 0);
    }

    public byte[] GenerateEphemeral()
    {
        SystemRandom.Fill(_privateKey);
        var publicKey = new byte[X25519.PointSize];
        X25519.GeneratePublicKey(_privateKey, 0, publicKey, 0);
        return publicKey;
    }

    public TlsSecret CalculateSecret()
    {
        var secret = new byte[X25519.PointSize];
        // False for an all-zero result, which RFC 8446, 7.4.2 requires us to reject.
        var agreed = X25519.CalculateAgreement(_privateKey, 0, _peer, 0, secret, 0);
        Array.Clear(_privateKey);
        return agreed ? new HkdfSecret(crypto, secret) : throw new TlsFatalAlert(AlertDescription.illegal_parameter);
    }
}
