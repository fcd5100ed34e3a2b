using Mandos.Core.Keys;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;

namespace Mandos.Keygen.Keys;

/// <summary>An OpenPGP key pair with its subkey, as written to its two files.</summary>
internal sealed record OpenPgpKeys(SecretBuffer SecretArmor, SecretBuffer PublicArmor, string Fingerprint) : IDisposable
{
    public void Dispose()
    {
        SecretArmor.Dispose();
        PublicArmor.Dispose();
    }
}

/// <summary>
/// Creates version 4 OpenPGP keys without a passphrase (RFC 4880; RFC 6637 and RFC 9580 for the curves): a primary key that certifies,
/// signs and authenticates, and a subkey that decrypts, with the preferences of gpg 2.2.
/// </summary>
internal static class OpenPgpKeyMaker
{
    private const int PrimaryFlags = KeyFlags.CertifyOther | KeyFlags.SignData | KeyFlags.Authentication;
    private const int SubkeyFlags = KeyFlags.EncryptComms | KeyFlags.EncryptStorage;
    private const byte ModificationDetection = 1;

    /// <summary>Creates both keys in parallel, because RSA takes seconds.</summary>
    public static async Task<OpenPgpKeys> MakeAsync(
        OpenPgpKeyType primary, OpenPgpKeyType subkey, ClientIdentity identity, TimeSpan? validity, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        // OpenPGP counts whole seconds.
        var created = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()).UtcDateTime;
        var pairs = await Task.WhenAll(
            Task.Run(() => MakePair(primary, created), cancellationToken),
            Task.Run(() => MakePair(subkey, created), cancellationToken)).WaitAsync(cancellationToken).ConfigureAwait(false);
        var generator = new PgpKeyRingGenerator(
            PgpSignature.PositiveCertification, pairs[0], identity.UserId, SymmetricKeyAlgorithmTag.Null, HashAlgorithmTag.Sha512,
            rawPassPhrase: [], useSha1: false, PrimarySubpackets(pairs[0].PublicKey, validity, created), unhashedPackets: null,
            KernelRandom.Create());
        generator.AddSubKey(
            pairs[1], SubkeySubpackets(pairs[0].PublicKey, validity, created), unhashedPackets: null, HashAlgorithmTag.Sha512);

        var comment = $"Mandos client key for {identity.UserId}";
        var secretRing = generator.GenerateSecretKeyRing().GetEncoded();
        try
        {
            return new(
                Pem.EncodeOpenPgp("PGP PRIVATE KEY BLOCK", comment, secretRing),
                Pem.EncodeOpenPgp("PGP PUBLIC KEY BLOCK", comment, generator.GeneratePublicKeyRing().GetEncoded()),
                Convert.ToHexString(pairs[0].PublicKey.GetFingerprint()));
        }
        finally
        {
            SecretBuffer.Wipe(secretRing);
        }
    }

    private static PgpKeyPair MakePair(OpenPgpKeyType type, DateTime created) => type.Algorithm switch
    {
        OpenPgpAlgorithm.Ed25519 => new(PublicKeyAlgorithmTag.EdDsa_Legacy, KeyPairs.Ed25519(), created),
        OpenPgpAlgorithm.Curve25519 => new(PublicKeyAlgorithmTag.ECDH, KeyPairs.X25519(), created),
        _ => new(PublicKeyAlgorithmTag.RsaGeneral, KeyPairs.Rsa(type.Bits), created),
    };

    private static PgpSignatureSubpacketVector PrimarySubpackets(PgpPublicKey primary, TimeSpan? validity, DateTime created)
    {
        var subpackets = Subpackets(primary, PrimaryFlags, validity, created);
        subpackets.SetPreferredSymmetricAlgorithms(false,
            [(int)SymmetricKeyAlgorithmTag.Aes256, (int)SymmetricKeyAlgorithmTag.Aes192, (int)SymmetricKeyAlgorithmTag.Aes128,
                (int)SymmetricKeyAlgorithmTag.TripleDes]);
        subpackets.SetPreferredHashAlgorithms(false,
            [(int)HashAlgorithmTag.Sha512, (int)HashAlgorithmTag.Sha384, (int)HashAlgorithmTag.Sha256, (int)HashAlgorithmTag.Sha224,
                (int)HashAlgorithmTag.Sha1]);
        subpackets.SetPreferredCompressionAlgorithms(false,
            [(int)CompressionAlgorithmTag.ZLib, (int)CompressionAlgorithmTag.BZip2, (int)CompressionAlgorithmTag.Zip]);
        subpackets.SetFeature(false, ModificationDetection);
        return subpackets.Generate();
    }

    private static PgpSignatureSubpacketVector SubkeySubpackets(PgpPublicKey primary, TimeSpan? validity, DateTime created) =>
        Subpackets(primary, SubkeyFlags, validity, created).Generate();

    private static PgpSignatureSubpacketGenerator Subpackets(PgpPublicKey issuer, int flags, TimeSpan? validity, DateTime created)
    {
        var subpackets = new PgpSignatureSubpacketGenerator();
        subpackets.SetIssuerFingerprint(false, issuer);
        subpackets.SetSignatureCreationTime(false, created);
        subpackets.SetKeyFlags(false, flags);
        if (validity is { } time)
            subpackets.SetKeyExpirationTime(false, (long)time.TotalSeconds);
        return subpackets;
    }
}
