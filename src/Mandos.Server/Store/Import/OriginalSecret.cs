using System.Buffers.Binary;
using Mandos.Core.Linux;
using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Messages;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace Mandos.Server.Store.Import;

/// <summary>
/// A secret in upstream's saved state: <c>gpg --symmetric</c> with a passphrase derived from the secret in the configuration. It can be
/// decrypted only while the configured secret is unchanged.
/// </summary>
internal static class OriginalSecret
{
    private const int LongestHexPassphrase = 2048;

    /// <summary>
    /// The encoded iteration count for 1,024 bytes, or for the salt and the passphrase once if they are longer (RFC 4880, section 3.7.1.3).
    /// </summary>
    private const int FewestRounds = 0;

    /// <summary>Decrypts a message; null if the passphrase differs or the message is damaged.</summary>
    internal static SecretBuffer? Open(byte[] message, ReadOnlySpan<byte> configured)
    {
        var passphrase = Passphrase(configured);
        try
        {
            return Decrypt(message, passphrase);
        }
        catch (Exception)
        {
            // A wrong passphrase shows as anything from a failed check to a packet of an unknown type.
            return null;
        }
        finally
        {
            SecretBuffer.Wipe(passphrase);
        }
    }

    /// <summary>
    /// Encrypts like gpg, but with the lowest iteration count, because a thousand clients must be saved within a second. This is safe: the
    /// source of the passphrase cannot be guessed, and an attacker would find it in the configuration on the same disk.
    /// </summary>
    /// <param name="secret">The borrowed secret.</param>
    /// <param name="configured">The borrowed configured secret; if empty, the result cannot be decrypted.</param>
    internal static byte[] Seal(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> configured)
    {
        var passphrase = configured.IsEmpty ? RandomPassphrase() : Passphrase(configured);
        try
        {
            var salt = new byte[8];
            SystemRandom.Fill(salt);
            // One digest is long enough for an AES-256 key; SHA-1 would take two.
            var derivation = new S2k(HashAlgorithmTag.Sha512, salt, FewestRounds);
            var packet = SymmetricKeyEncSessionPacket.CreateV4Packet(SymmetricKeyAlgorithmTag.Aes256, derivation, null);
            return [.. packet.GetEncoded(),
                .. Encrypt(PgpUtilities.MakeKeyFromPassPhraseRaw(SymmetricKeyAlgorithmTag.Aes256, derivation, passphrase), secret)];
        }
        finally
        {
            SecretBuffer.Wipe(passphrase);
        }
    }

    /// <summary>
    /// A packet of encrypted data with an integrity check (RFC 4880, section 5.13), in it one of literal data (section 5.9).
    /// <code>
    ///   D2 FF length(4) 01 | 16 random bytes, the last two again | CB FF length(4) 'b' 00 00000000 secret | D3 14 SHA-1(20)
    ///   -- in the clear -- | encrypted: AES in cipher feedback, the digest over all that is encrypted before it
    /// </code>
    /// </summary>
    private static byte[] Encrypt(KeyParameter key, ReadOnlySpan<byte> secret)
    {
        const int blockLength = 16, digestLength = 20, literalHead = 6;
        using var plain = new SecretBuffer(blockLength + 2 + 6 + literalHead + secret.Length + 2 + digestLength);
        SystemRandom.Fill(plain.Free[..blockLength]);
        plain.Advance(blockLength);
        plain.Append(plain.Span[^2..]);
        plain.Append(Head(0xCB, literalHead + secret.Length));
        plain.Append([(byte)'b', 0, 0, 0, 0, 0]);
        plain.Append(secret);
        plain.Append([0xD3, digestLength]);
        var digest = new Sha1Digest();
        digest.BlockUpdate(plain.Span);
        _ = digest.DoFinal(plain.Free);
        plain.Advance(digestLength);

        var head = Head(0xD2, 1 + plain.Length);
        var packet = new byte[head.Length + 1 + plain.Length];
        head.CopyTo(packet, 0);
        packet[head.Length] = 1;
        var cipher = new BufferedBlockCipher(new CfbBlockCipher(AesUtilities.CreateEngine(), 8 * blockLength));
        cipher.Init(true, new ParametersWithIV(key, new byte[blockLength]));
        var encrypted = packet.AsSpan(head.Length + 1);
        var length = cipher.ProcessBytes(plain.Span, encrypted);
        _ = cipher.DoFinal(encrypted[length..]);
        return packet;
    }

    /// <summary>Writes the header of a packet: its tag, and a length of four bytes (RFC 4880, section 4.2.2).</summary>
    private static byte[] Head(byte tag, int length)
    {
        var head = new byte[6];
        (head[0], head[1]) = (tag, 0xFF);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(2), length);
        return head;
    }

    private static byte[] RandomPassphrase()
    {
        var bytes = new byte[32];
        SystemRandom.Fill(bytes);
        return bytes;
    }

    /// <summary>
    /// Derives the passphrase: "mandos" and the secret in hexadecimal or, if that would be too long, the secret with special bytes escaped.
    /// </summary>
    internal static byte[] Passphrase(ReadOnlySpan<byte> configured)
    {
        using var text = new SecretBuffer("mandos".Length + (4 * configured.Length));
        text.Append("mandos"u8);
        if (text.Length + (2 * configured.Length) <= LongestHexPassphrase)
        {
            _ = Convert.TryToHexStringLower(configured, text.Free, out var digits);
            text.Advance(digits);
        }
        else
        {
            foreach (var b in configured)
                Escape(text, b);
        }

        return text.Span.ToArray();
    }

    private static void Escape(SecretBuffer text, byte b)
    {
        switch (b)
        {
            case (byte)'\\':
                text.Append(@"\\"u8);
                break;
            case (byte)'\n':
                text.Append(@"\n"u8);
                break;
            case 0:
                text.Append(@"\x00"u8);
                break;
            default:
                text.Append([b]);
                break;
        }
    }

    private static SecretBuffer? Decrypt(byte[] message, byte[] passphrase)
    {
        if (!IsDerivedByDigest(message)
            || new PgpObjectFactory(message).NextPgpObject() is not PgpEncryptedDataList { Count: 1 } list
            || list[0] is not PgpPbeEncryptedData encrypted
            || !encrypted.IsIntegrityProtected())
            return null;
        using var plain = encrypted.GetDataStreamRaw(passphrase);
        using var packets = ReadAll(plain, message.Length);
        // Not BouncyCastle's reader for the content, which would pull in another compression library.
        return packets is not null && encrypted.Verify() ? DecryptedMessage.ReadData(packets.Span, MessageLimits.Default) : null;
    }

    /// <summary>Whether the key is derived the way gpg does it. The alternative, Argon2, may require all available memory.</summary>
    private static bool IsDerivedByDigest(byte[] message)
    {
        using var packets = new BcpgInputStream(new MemoryStream(message));
        return packets.ReadPacket() is SymmetricKeyEncSessionPacket { S2k.Type: S2k.Simple or S2k.Salted or S2k.SaltedAndIterated };
    }

    private static SecretBuffer? ReadAll(Stream stream, int limit)
    {
        var secret = new SecretBuffer(Math.Min(limit, PasswordLimits.LargestMessage));
        var piece = new byte[4096];
        try
        {
            while (stream.Read(piece) is > 0 and var count)
            {
                if (count > secret.Free.Length)
                {
                    secret.Dispose();
                    return null;
                }

                secret.Append(piece.AsSpan(0, count));
            }

            return secret;
        }
        catch
        {
            secret.Dispose();
            throw;
        }
        finally
        {
            SecretBuffer.Wipe(piece);
        }
    }
}
