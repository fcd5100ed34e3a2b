using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Packets;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Utilities;

namespace Mandos.Core.OpenPgp.Messages;

/// <summary>Symmetrically encrypted data with a hash at its end: packet 18 version 1 (RFC 9580 section 5.13.1).</summary>
/// <remarks>
/// <code>
/// 1 | CFB, starting vector 0, over: random block (8, 16), its last two octets again (2), packets, D3 14, SHA-1 of all that (20)
/// </code>
/// The two repeated octets are not looked at: checking them would reveal something about the key to an attacker, and the hash covers them.
/// </remarks>
internal static class IntegrityProtectedData
{
    private const int HashLength = 20, CodeLength = 2 + HashLength;

    /// <param name="encrypted">The packet without its version.</param>
    /// <param name="key">A session key that names its cipher.</param>
    /// <returns>The packets inside, or null if the hash is wrong.</returns>
    public static SecretBuffer? Decrypt(ReadOnlySpan<byte> encrypted, SessionKey key)
    {
        var engine = BlockCiphers.Create(key.Cipher);
        var prefixLength = engine.GetBlockSize() + 2;
        if (encrypted.Length < prefixLength + CodeLength)
            return null;
        var buffer = new SecretBuffer(encrypted.Length + engine.GetBlockSize());
        DecryptCfb(encrypted, engine, key, buffer);
        if (HasRightCode(buffer.Span))
        {
            buffer.Span[prefixLength..^CodeLength].CopyTo(buffer.Span);
            buffer.SetLength(buffer.Length - prefixLength - CodeLength);
            return buffer;
        }

        buffer.Dispose();
        return null;
    }

    private static void DecryptCfb(ReadOnlySpan<byte> encrypted, IBlockCipher engine, SessionKey key, SecretBuffer output)
    {
        var length = engine.GetBlockSize();
        var cfb = new CfbBlockCipher(engine, length * 8);
        cfb.Init(forEncryption: false, new ParametersWithIV(new KeyParameter(key.Bytes), new byte[length]));
        for (; encrypted.Length >= length; encrypted = encrypted[length..])
            output.Advance(cfb.ProcessBlock(encrypted, output.Free));
        Span<byte> last = stackalloc byte[length];
        encrypted.CopyTo(last);
        cfb.ProcessBlock(last, output.Free);
        output.Advance(encrypted.Length);
    }

    private static bool HasRightCode(ReadOnlySpan<byte> plaintext)
    {
        var sha1 = new Sha1Digest();
        sha1.BlockUpdate(plaintext[..^HashLength]);
        Span<byte> expected = stackalloc byte[CodeLength];
        expected[0] = 0xD3;
        expected[1] = HashLength;
        sha1.DoFinal(expected[2..]);
        return Arrays.FixedTimeEquals(expected, plaintext[^CodeLength..]);
    }
}
