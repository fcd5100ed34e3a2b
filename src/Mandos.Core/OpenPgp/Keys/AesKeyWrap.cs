using Mandos.Core.OpenPgp.Packets;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;

namespace Mandos.Core.OpenPgp.Keys;

/// <summary>AES key wrap (RFC 3394): a key encrypted with another key, including an integrity check.</summary>
internal static class AesKeyWrap
{
    /// <summary>The length of the wrapping key; 0 for a cipher that is not AES.</summary>
    public static int KeyLength(CipherAlgorithm cipher) =>
        cipher is CipherAlgorithm.Aes128 or CipherAlgorithm.Aes192 or CipherAlgorithm.Aes256 ? BlockCiphers.KeyLength(cipher) : 0;

    /// <returns>Null if the check fails.</returns>
    public static SecretBuffer? Unwrap(ReadOnlySpan<byte> wrappingKey, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length < 24 || wrapped.Length % 8 != 0)
            return null;
        var engine = new AesWrapEngine();
        engine.Init(forWrapping: false, new KeyParameter(wrappingKey));
        try
        {
            var key = engine.Unwrap(wrapped.ToArray(), 0, wrapped.Length);
            var buffer = SecretBuffer.CopyOf(key);
            SecretBuffer.Wipe(key);
            return buffer;
        }
        catch (InvalidCipherTextException)
        {
            return null;
        }
    }
}
