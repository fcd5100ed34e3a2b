using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Tls.Crypto;

namespace Mandos.Core.Exchange.Crypto;

/// <summary>HMAC over SHA-256 or SHA-384 (RFC 2104): the Finished messages.</summary>
internal sealed class Sha2Hmac(int algorithm) : TlsHmac
{
    private readonly HMac _mac = new(Sha2Hash.NewDigest(algorithm));

    public int InternalBlockSize => TlsCryptoUtilities.GetHashInternalSize(algorithm);

    public int MacLength => _mac.GetMacSize();

    public void SetKey(byte[] key, int keyOff, int keyLen) => _mac.Init(new KeyParameter(key, keyOff, keyLen));

    public void SetKey(ReadOnlySpan<byte> key) => _mac.Init(new KeyParameter(key));

    public void Update(byte[] input, int inOff, int length) => _mac.BlockUpdate(input, inOff, length);

    public void Update(ReadOnlySpan<byte> input) => _mac.BlockUpdate(input);

    public byte[] CalculateMac()
    {
        var output = new byte[MacLength];
        _mac.DoFinal(output, 0);
        return output;
    }

    public void CalculateMac(byte[] output, int outOff) => _mac.DoFinal(output, outOff);

    public void Reset() => _mac.Reset();
}
