using Mandos.Core.Keys;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;

namespace Mandos.Keygen.Keys;

/// <summary>Generates key pairs for all TLS and OpenPGP algorithms used here.</summary>
internal static class KeyPairs
{
    // A factor is composite with a probability of 2^-100, as BouncyCastle recommends.
    private const int Certainty = 100;

    public static AsymmetricCipherKeyPair Ed25519() =>
        Make(new Ed25519KeyPairGenerator(), new Ed25519KeyGenerationParameters(KernelRandom.Create()));

    public static AsymmetricCipherKeyPair Ed448() =>
        Make(new Ed448KeyPairGenerator(), new Ed448KeyGenerationParameters(KernelRandom.Create()));

    public static AsymmetricCipherKeyPair X25519() =>
        Make(new X25519KeyPairGenerator(), new X25519KeyGenerationParameters(KernelRandom.Create()));

    public static AsymmetricCipherKeyPair Ecdsa(DerObjectIdentifier curve) =>
        Make(new ECKeyPairGenerator(), new ECKeyGenerationParameters(curve, KernelRandom.Create()));

    /// <summary>Generates an RSA key pair, the only kind that takes seconds.</summary>
    public static AsymmetricCipherKeyPair Rsa(int bits) =>
        Make(new RsaKeyPairGenerator(), new RsaKeyGenerationParameters(BigInteger.ValueOf(65537), KernelRandom.Create(), bits, Certainty));

    private static AsymmetricCipherKeyPair Make(IAsymmetricCipherKeyPairGenerator generator, KeyGenerationParameters parameters)
    {
        generator.Init(parameters);
        return generator.GenerateKeyPair();
    }
}
