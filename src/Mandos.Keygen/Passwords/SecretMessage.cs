using Mandos.Core.Keys;
using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Messages;
using Mandos.Core.Secrets;
using Mandos.Keygen.Failures;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Mandos.Keygen.Passwords;

/// <summary>
/// The OpenPGP message that a server keeps for a client: a password, signed by the client's key and encrypted to it.
/// <code>
///   PKESK v3 | SEIPD v1 (AES-256, MDC) [ one-pass signature | literal 'b' "" | signature (SHA-512) ]
/// </code>
/// The same packets that <c>gpg --encrypt --sign --compress-level 0</c> writes (RFC 4880 section 11.3). There is no compression, because it
/// would leave the password on the managed heap and hardly shorten it.
/// </summary>
internal static class SecretMessage
{
    /// <summary>More bytes than the packets around the password need; an RSA-4096 signature is the longest.</summary>
    private const int MostAround = 4096;

    /// <summary>Encrypts, then reads the result as the boot client will, and compares.</summary>
    /// <exception cref="KeygenException">The keys are unusable, or the result cannot be decrypted.</exception>
    public static byte[] Create(ReadOnlySpan<byte> password, StoredKeys keys, DateTimeOffset now)
    {
        using var signed = Sign(password, keys, now);
        var message = Encrypt(signed.Span, keys.EncryptionKey(now));
        Test(message, password, keys);
        return message;
    }

    private static void Test(byte[] message, ReadOnlySpan<byte> password, StoredKeys keys)
    {
        var result = MessageReader.Read(message, keys.BootSecretKeys, keys.BootPublicKeys);
        using var plaintext = result.Plaintext;
        if (result.Outcome != MessageOutcome.Decrypted)
            throw new KeygenException($"the client could not read the encrypted password: {result.Detail}", "make new keys with --force");
        if (result.Signature != SignatureState.Valid)
            throw new KeygenException($"the client could not verify the encrypted password: {result.Detail}", "make new keys with --force");
        if (!plaintext!.Span.SequenceEqual(password))
            throw new KeygenException("the client would read a different password than was encrypted", "make new keys with --force");
    }

    private static SecretBuffer Sign(ReadOnlySpan<byte> password, StoredKeys keys, DateTimeOffset now)
    {
        var signer = keys.SigningKey;
        var generator = new PgpSignatureGenerator(signer.Algorithm, HashAlgorithmTag.Sha512);
        generator.InitSign(PgpSignature.BinaryDocument, keys.PrivateSigningKey(), KernelRandom.Create());
        var subpackets = new PgpSignatureSubpacketGenerator();
        subpackets.SetIssuerFingerprint(false, signer);
        subpackets.SetSignatureCreationTime(false, now.UtcDateTime);
        generator.SetHashedSubpackets(subpackets.Generate());
        generator.Update(password);

        var signed = new SecretBuffer(password.Length + MostAround);
        using var output = new SecretStream(signed);
        generator.GenerateOnePassVersion(false).Encode(output);
        using (var literal = new PgpLiteralDataGenerator().Open(output, PgpLiteralData.Binary, "", password.Length, now.UtcDateTime))
            literal.Write(password);
        generator.Generate().Encode(output);
        return signed;
    }

    private static byte[] Encrypt(ReadOnlySpan<byte> signed, PgpPublicKey recipient)
    {
        using var output = new MemoryStream();
        var generator = new PgpEncryptedDataGenerator(SymmetricKeyAlgorithmTag.Aes256, withIntegrityPacket: true, KernelRandom.Create());
        generator.AddMethod(recipient);
        using (var encrypted = generator.Open(output, signed.Length))
            encrypted.Write(signed);
        return output.ToArray();
    }
}
