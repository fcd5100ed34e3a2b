using Mandos.Core.Linux;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Security;

namespace Mandos.Keygen.Keys;

/// <summary>The kernel's random bytes for BouncyCastle, which need no seed and no state.</summary>
internal sealed class KernelRandom : IRandomGenerator
{
    /// <summary>Creates a source for every BouncyCastle class.</summary>
    public static SecureRandom Create() => new(new KernelRandom());

    public void AddSeedMaterial(byte[] seed)
    {
        // The kernel's generator needs no further seed.
    }

    public void AddSeedMaterial(ReadOnlySpan<byte> seed)
    {
        // As above.
    }

    public void AddSeedMaterial(long seed)
    {
        // As above.
    }

    public void NextBytes(byte[] bytes) => SystemRandom.Fill(bytes);

    public void NextBytes(byte[] bytes, int start, int len) => SystemRandom.Fill(bytes.AsSpan(start, len));

    public void NextBytes(Span<byte> bytes) => SystemRandom.Fill(bytes);
}
