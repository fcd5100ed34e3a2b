using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace Mandos.Core.Exchange.Crypto;

/// <summary>
/// The post-quantum half of the group X25519MLKEM768 (FIPS 203; draft-ietf-tls-ecdhe-mlkem) as the TLS server does it:
/// it answers the peer's encapsulation key with a ciphertext.
/// </summary>
internal sealed class MlKemEncapsulation(SlimTlsCrypto crypto) : TlsKemDomain, TlsAgreement
{
    private MLKemPublicKeyParameters? _peer;
    private byte[]? _secret;

    public TlsAgreement CreateKem() => new MlKemEncapsulation(crypto);

    public void ReceivePeerValue(byte[] peerValue)
    {
        try
        {
            _peer = MLKemPublicKeyParameters.FromEncoding(MLKemParameters.ml_kem_768, peerValue);
        }
        catch (ArgumentException e)
        {
            throw new TlsFatalAlert(AlertDescription.illegal_parameter, e);
        }
    }

    public byte[] GenerateEphemeral()
    {
        var kem = new MLKemEncapsulator(MLKemParameters.ml_kem_768);
        kem.Init(new ParametersWithRandom(_peer, crypto.SecureRandom));
        var ciphertext = new byte[kem.EncapsulationLength];
        _secret = new byte[kem.SecretLength];
        kem.Encapsulate(ciphertext, _secret);
        return ciphertext;
    }

    public TlsSecret CalculateSecret() => new HkdfSecret(crypto, _secret!);
}
