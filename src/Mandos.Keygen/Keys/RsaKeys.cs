using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;

namespace Mandos.Keygen.Keys;

/// <summary>RSA keys for OpenPGP and TLS; the one kind that takes seconds to make.</summary>
internal static class RsaKeys
{
    // 2^-100 that a factor is composite, the certainty BouncyCastle advises.
    private const int Certainty = 100;

    public static AsymmetricCipherKeyPair Make(int bits)
    {
        var generator = new RsaKeyPairGenerator();
        generator.Init(new RsaKeyGenerationParameters(BigInteger.ValueOf(65537), KernelRandom.Create(), bits, Certainty));
        return generator.GenerateKeyPair();
    }
}
