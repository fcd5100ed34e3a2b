using Mandos.Core.Linux;
using Mandos.Core.OpenPgp;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Security;

namespace Mandos.Server.Store.Import;

/// <summary>
/// A secret in the original's saved state: <c>gpg --symmetric</c>, with a passphrase made of the secret in the configuration.
/// So it can be read exactly as long as that one is still the same.
/// </summary>
internal static class OriginalSecret
{
    private const int LongestHexPassphrase = 2048;
    private const int LongestSecret = 8 << 20;

    /// <summary>Decrypts; null if the passphrase is another one, or the message is damaged.</summary>
    internal static SecretBuffer? Open(byte[] message, ReadOnlySpan<byte> configured)
    {
        var passphrase = Passphrase(configured);
        try
        {
            return Decrypt(message, passphrase);
        }
        catch (Exception)
        {
            // A wrong passphrase shows as anything from a failed check to a packet of no known kind.
            return null;
        }
        finally
        {
            SecretBuffer.Wipe(passphrase);
        }
    }

    /// <summary>
    /// Encrypts as gpg does, but with few rounds in the derivation of the key: what the passphrase is made of is no word that
    /// somebody could guess, and lies beside it in the configuration anyway.
    /// </summary>
    /// <param name="secret">Lent.</param>
    /// <param name="configured">Lent; empty: nobody will be able to decrypt it.</param>
    internal static byte[] Seal(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> configured)
    {
        var passphrase = configured.IsEmpty ? RandomPassphrase() : Passphrase(configured);
        try
        {
            using var message = new MemoryStream();
            var encryption = new PgpEncryptedDataGenerator(SymmetricKeyAlgorithmTag.Aes256, withIntegrityPacket: true, new SecureRandom(new Kernel()));
            encryption.AddMethodRaw(passphrase, HashAlgorithmTag.Sha1);
            using (var encrypted = encryption.Open(message, new byte[1 << 12]))
            using (var literal = new PgpLiteralDataGenerator().Open(encrypted, PgpLiteralData.Binary, "", secret.Length, DateTime.UnixEpoch))
                literal.Write(secret);
            return message.ToArray();
        }
        finally
        {
            SecretBuffer.Wipe(passphrase);
        }
    }

    private static byte[] RandomPassphrase()
    {
        var bytes = new byte[32];
        SystemRandom.Fill(bytes);
        return bytes;
    }

    /// <summary>"mandos" and the secret in hex digits; one that would become too long so, with its awkward bytes escaped.</summary>
    internal static byte[] Passphrase(ReadOnlySpan<byte> configured)
    {
        using var text = new SecretBuffer("mandos".Length + (4 * configured.Length));
        text.Append("mandos"u8);
        var isHex = text.Length + (2 * configured.Length) <= LongestHexPassphrase;
        foreach (var b in configured)
        {
            if (isHex)
                text.Append([Digit(b >> 4), Digit(b & 15)]);
            else
                Escape(text, b);
        }

        return text.Span.ToArray();
    }

    private static byte Digit(int value) => "0123456789abcdef"u8[value];

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
        if (new PgpObjectFactory(message).NextPgpObject() is not PgpEncryptedDataList { Count: 1 } list || list[0] is not PgpPbeEncryptedData encrypted || !encrypted.IsIntegrityProtected())
            return null;
        using var plain = encrypted.GetDataStreamRaw(passphrase);
        using var packets = ReadAll(plain, message.Length);
        // Not BouncyCastle's reader of what is inside: it brings another library for compression along.
        return packets is not null && encrypted.Verify() ? DecryptedMessage.ReadData(packets.Span, MessageLimits.Default) : null;
    }

    private static SecretBuffer? ReadAll(Stream stream, int limit)
    {
        var secret = new SecretBuffer(Math.Min(limit, LongestSecret));
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

    /// <summary>The kernel's random bytes, as BouncyCastle wants them.</summary>
    private sealed class Kernel : IRandomGenerator
    {
        public void AddSeedMaterial(byte[] seed)
        {
            // It needs none.
        }

        public void AddSeedMaterial(ReadOnlySpan<byte> seed)
        {
            // It needs none.
        }

        public void AddSeedMaterial(long seed)
        {
            // It needs none.
        }

        public void NextBytes(byte[] bytes) => SystemRandom.Fill(bytes);

        public void NextBytes(byte[] bytes, int start, int len) => SystemRandom.Fill(bytes.AsSpan(start, len));

        public void NextBytes(Span<byte> bytes) => SystemRandom.Fill(bytes);
    }
}
