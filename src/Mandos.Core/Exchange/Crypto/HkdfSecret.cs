using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl;

namespace Mandos.Core.Exchange.Crypto;

/// <summary>A secret of the TLS 1.3 key schedule (RFC 8446, 7.1): HKDF (RFC 5869) over SHA-256 or SHA-384.</summary>
internal sealed class HkdfSecret(SlimTlsCrypto crypto, byte[] data) : AbstractTlsSecret(data)
{
    protected override AbstractTlsCrypto Crypto => crypto;

    /// <summary>Concatenates the two shared secrets of a hybrid group and consumes them.</summary>
    internal static HkdfSecret Concatenate(SlimTlsCrypto crypto, TlsSecret first, TlsSecret second)
    {
        var both = new byte[first.Length + second.Length];
        first.ExtractTo(both.AsSpan(0, first.Length));
        second.ExtractTo(both.AsSpan(both.Length - second.Length));
        return new(crypto, both);
    }

    public override TlsSecret DeriveUsingPrf(int prfAlgorithm, string label, byte[] seed, int length) =>
        TlsCryptoUtilities.HkdfExpandLabel(this, TlsCryptoUtilities.GetHashForPrf(prfAlgorithm), label, seed, length);

    public override TlsSecret DeriveUsingPrf(int prfAlgorithm, ReadOnlySpan<char> label, ReadOnlySpan<byte> seed, int length) =>
        TlsCryptoUtilities.HkdfExpandLabel(this, TlsCryptoUtilities.GetHashForPrf(prfAlgorithm), label, seed, length);

    public override TlsSecret HkdfExpand(int cryptoHashAlgorithm, byte[] info, int length) =>
        HkdfExpand(cryptoHashAlgorithm, info.AsSpan(), length);

    /// <summary>HKDF-Expand (RFC 5869, 2.3).</summary>
    public override TlsSecret HkdfExpand(int cryptoHashAlgorithm, ReadOnlySpan<byte> info, int length)
    {
        CheckAlive();
        var mac = new HMac(Sha2Hash.NewDigest(cryptoHashAlgorithm));
        mac.Init(new KeyParameter(m_data));
        var output = new byte[length];
        Span<byte> block = stackalloc byte[mac.GetMacSize()];
        byte counter = 0;
        for (var rest = output.AsSpan(); !rest.IsEmpty; rest = rest[Math.Min(block.Length, rest.Length)..])
        {
            if (counter > 0)
                mac.BlockUpdate(block);
            mac.BlockUpdate(info);
            mac.Update(++counter);
            mac.DoFinal(block);
            block[..Math.Min(block.Length, rest.Length)].CopyTo(rest);
        }
        block.Clear();
        return new HkdfSecret(crypto, output);
    }

    /// <summary>HKDF-Extract (RFC 5869, 2.2) with this secret as the salt, which is consumed.</summary>
    public override TlsSecret HkdfExtract(int cryptoHashAlgorithm, TlsSecret ikm)
    {
        CheckAlive();
        var mac = new HMac(Sha2Hash.NewDigest(cryptoHashAlgorithm));
        mac.Init(new KeyParameter(m_data));
        mac.BlockUpdate(((HkdfSecret)ikm).m_data);
        Destroy();
        var output = new byte[mac.GetMacSize()];
        mac.DoFinal(output, 0);
        return new HkdfSecret(crypto, output);
    }
}
