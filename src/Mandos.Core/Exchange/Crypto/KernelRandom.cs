using Mandos.Core.Linux;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Tls.Crypto;

namespace Mandos.Core.Exchange.Crypto;

/// <summary>The kernel's random bytes for BouncyCastle. It needs no seed.</summary>
internal sealed class KernelRandom : IRandomGenerator, TlsNonceGenerator
{
    public void AddSeedMaterial(byte[] seed)
    {
    }

    public void AddSeedMaterial(ReadOnlySpan<byte> seed)
    {
    }

    public void AddSeedMaterial(long seed)
    {
    }

    public void NextBytes(byte[] bytes) => SystemRandom.Fill(bytes);

    public void NextBytes(byte[] bytes, int start, int len) => SystemRandom.Fill(bytes.AsSpan(start, len));

    public void NextBytes(Span<byte> bytes) => SystemRandom.Fill(bytes);

    public byte[] GenerateNonce(int size)
    {
        var nonce = new byte[size];
        SystemRandom.Fill(nonce);
        return nonce;
    }
}
