using Mandos.Core.Linux;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls.Crypto;

namespace Mandos.Core.Keys;

/// <summary>The kernel's random bytes for BouncyCastle, which need no seed and no state.</summary>
public sealed class KernelRandom : IRandomGenerator, TlsNonceGenerator
{
    /// <summary>Creates a source for every BouncyCastle class.</summary>
    public static SecureRandom Create() => new(new KernelRandom());

    /// <inheritdoc />
    public void AddSeedMaterial(byte[] seed)
    {
        // The kernel's generator needs no further seed.
    }

    /// <inheritdoc />
    public void AddSeedMaterial(ReadOnlySpan<byte> seed)
    {
        // As above.
    }

    /// <inheritdoc />
    public void AddSeedMaterial(long seed)
    {
        // As above.
    }

    /// <inheritdoc />
    public void NextBytes(byte[] bytes) => SystemRandom.Fill(bytes);

    /// <inheritdoc />
    public void NextBytes(byte[] bytes, int start, int len) => SystemRandom.Fill(bytes.AsSpan(start, len));

    /// <inheritdoc />
    public void NextBytes(Span<byte> bytes) => SystemRandom.Fill(bytes);

    /// <inheritdoc />
    public byte[] GenerateNonce(int size)
    {
        var nonce = new byte[size];
        SystemRandom.Fill(nonce);
        return nonce;
    }
}
