using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;

namespace Mandos.Keygen.Keys;

/// <summary>New key pairs of every algorithm that TLS and OpenPGP keys here are made of.</summary>
internal static class KeyPairs
{
    // 2^-100 that a factor is composite, the certainty BouncyCastle advises.
    private const int Certainty = 100;

    public static AsymmetricCipherKeyPair Ed25519() =>
        Make(new Ed25519KeyPairGenerator(), new Ed25519KeyGenerationParameters(KernelRandom.Create()));

    public static AsymmetricCipherKeyPair Ed448() =>
        Make(new Ed448KeyPairGenerator(), new Ed448KeyGenerationParameters(KernelRandom.Create()));

    public static AsymmetricCipherKeyPair X25519() =>
        Make(new X25519KeyPairGenerator(), new X25519KeyGenerationParameters(KernelRandom.Create()));

    public static AsymmetricCipherKeyPair Ecdsa(DerObjectIdentifier curve) =>
        Make(new ECKeyPairGenerator(), new ECKeyGenerationParameters(curve, KernelRandom.Create()));

    /// <summary>The one kind that takes seconds to make.</summary>
    public static AsymmetricCipherKeyPair Rsa(int bits) =>
        Make(new RsaKeyPairGenerator(), new RsaKeyGenerationParameters(BigInteger.ValueOf(65537), KernelRandom.Create(), bits, Certainty));

    private static AsymmetricCipherKeyPair Make(IAsymmetricCipherKeyPairGenerator generator, KeyGenerationParameters parameters)
    {
        generator.Init(parameters);
        return generator.GenerateKeyPair();
    }
}
