using System.Runtime.CompilerServices;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace Mandos.Core.Exchange.Crypto;

/// <summary>
/// The post-quantum half of the group X25519MLKEM768 (FIPS 203; draft-ietf-tls-ecdhe-mlkem) in the TLS server's role: it answers the peer's
/// encapsulation key with a ciphertext.
/// </summary>
internal sealed class MlKemEncapsulation(SlimTlsCrypto crypto) : TlsKemDomain, TlsAgreement
{
    /// <summary>The length of the random message m in bytes.</summary>
    private const int MessageSize = 32;

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
        var message = new byte[MessageSize];
        SystemRandom.Fill(message);
        (var ciphertext, _secret) = Encapsulate(_peer!, message);
        SecretBuffer.Wipe(message);
        return ciphertext;
    }

    public TlsSecret CalculateSecret() => new HkdfSecret(crypto, _secret!);

    /// <summary>
    /// ML-KEM.Encaps_internal (FIPS 203, algorithm 17). BouncyCastle's public class for it links all digests, for a random generator that
    /// is not used here.
    /// </summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "InternalEncapsulate")]
    private static extern Tuple<byte[], byte[]> Encapsulate(MLKemPublicKeyParameters key, byte[] randBytes);
}
