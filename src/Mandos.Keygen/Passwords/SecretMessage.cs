using Mandos.Core.Secrets;
using Mandos.Keygen.Keys;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Mandos.Keygen.Passwords;

/// <summary>
/// The OpenPGP message that a server keeps for a client: a password, signed by the client's key and encrypted to it.
/// <code>
///   PKESK v3 | SEIPD v1 (AES-256, MDC) [ ZLIB [ one-pass signature | literal 'b' "" | signature (SHA-512) ] ]
/// </code>
/// The same packets as <c>gpg --encrypt --sign</c> writes (RFC 4880 section 11.3).
/// </summary>
internal static class SecretMessage
{
    /// <summary>Encrypts, then reads the result as a client would and compares.</summary>
    /// <exception cref="KeygenException">The keys cannot be used, or what was made cannot be read.</exception>
    public static byte[] Create(ReadOnlySpan<byte> password, StoredKeys keys, DateTimeOffset now)
    {
        var signed = Sign(password, keys, now);
        try
        {
            var message = Encrypt(signed, keys.EncryptionKey(now));
            using var read = Read(message, keys);
            if (!read.Span.SequenceEqual(password))
                throw new KeygenException("the encrypted password cannot be decrypted to what it was", "make new keys with --force");
            return message;
        }
        finally
        {
            SecretBuffer.Wipe(signed);
        }
    }

    /// <summary>Decrypts and verifies a message.</summary>
    /// <exception cref="KeygenException">It is damaged, for another key, or not signed by this one.</exception>
    public static SecretBuffer Read(byte[] message, StoredKeys keys)
    {
        try
        {
            return ReadPackets(message, keys);
        }
        catch (Exception error) when (error is PgpException or IOException or InvalidOperationException or ArgumentException)
        {
            throw new KeygenException("the encrypted password cannot be read again", "make new keys with --force");
        }
    }

    private static byte[] Sign(ReadOnlySpan<byte> password, StoredKeys keys, DateTimeOffset now)
    {
        var signer = keys.SecretRing.GetSecretKey().PublicKey;
        var generator = new PgpSignatureGenerator(signer.Algorithm, HashAlgorithmTag.Sha512);
        generator.InitSign(PgpSignature.BinaryDocument, keys.PrivateKey(signer.KeyId), KernelRandom.Create());
        var subpackets = new PgpSignatureSubpacketGenerator();
        subpackets.SetIssuerFingerprint(false, signer);
        subpackets.SetSignatureCreationTime(false, now.UtcDateTime);
        generator.SetHashedSubpackets(subpackets.Generate());
        generator.Update(password);

        using var output = new MemoryStream(password.Length + 4096);
        using (var compressed = new PgpCompressedDataGenerator(CompressionAlgorithmTag.ZLib).Open(output))
        {
            generator.GenerateOnePassVersion(false).Encode(compressed);
            using (var literal = new PgpLiteralDataGenerator().Open(compressed, PgpLiteralData.Binary, "", password.Length, now.UtcDateTime))
                literal.Write(password);
            generator.Generate().Encode(compressed);
        }

        return TakeAll(output);
    }

    private static byte[] Encrypt(byte[] signed, PgpPublicKey recipient)
    {
        using var output = new MemoryStream();
        var generator = new PgpEncryptedDataGenerator(SymmetricKeyAlgorithmTag.Aes256, withIntegrityPacket: true, KernelRandom.Create());
        generator.AddMethod(recipient);
        using (var encrypted = generator.Open(output, signed.Length))
            encrypted.Write(signed);
        return output.ToArray();
    }

    private static SecretBuffer ReadPackets(byte[] message, StoredKeys keys)
    {
        var list = (PgpEncryptedDataList)new PgpObjectFactory(message).NextPgpObject();
        var encrypted = list.GetEncryptedDataObjects().OfType<PgpPublicKeyEncryptedData>().First();
        using var clear = encrypted.GetDataStream(keys.PrivateKey(encrypted.KeyId));
        var compressed = (PgpCompressedData)new PgpObjectFactory(clear).NextPgpObject();
        var packets = new PgpObjectFactory(compressed.GetDataStream());
        var onePass = ((PgpOnePassSignatureList)packets.NextPgpObject())[0];
        onePass.InitVerify(keys.PublicRing.GetPublicKey(onePass.KeyId));

        using var output = new MemoryStream();
        using (var literal = ((PgpLiteralData)packets.NextPgpObject()).GetInputStream())
            literal.CopyTo(output);
        var plaintext = TakeAll(output);
        try
        {
            onePass.Update(plaintext);
            var signatures = (PgpSignatureList)packets.NextPgpObject();
            if (!onePass.Verify(signatures[0]) || clear.ReadByte() >= 0 || !encrypted.Verify())
                throw new PgpException();
            return SecretBuffer.CopyOf(plaintext);
        }
        finally
        {
            SecretBuffer.Wipe(plaintext);
        }
    }

    private static byte[] TakeAll(MemoryStream stream)
    {
        var bytes = stream.ToArray();
        SecretBuffer.Wipe(stream.GetBuffer());
        return bytes;
    }
}
