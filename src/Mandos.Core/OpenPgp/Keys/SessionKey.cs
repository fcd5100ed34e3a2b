using Mandos.Core.Linux;
using Mandos.Core.OpenPgp.Packets;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp.Keys;

/// <summary>The symmetric key of one message. The holder disposes it.</summary>
internal sealed class SessionKey : IDisposable
{
    private const int ChecksumLength = 2;

    private readonly SecretBuffer _key;

    private SessionKey(CipherAlgorithm cipher, SecretBuffer key)
    {
        Cipher = cipher;
        _key = key;
    }

    /// <summary>The cipher; <see cref="CipherAlgorithm.None"/> if only the encrypted data names it.</summary>
    public CipherAlgorithm Cipher { get; }

    public ReadOnlySpan<byte> Bytes => _key.Span;

    public void Dispose() => _key.Dispose();

    public static SessionKey Of(CipherAlgorithm cipher, ReadOnlySpan<byte> key) => new(cipher, SecretBuffer.CopyOf(key));

    /// <summary>
    /// Reads <c>cipher (1, not in version 6) | key | sum of the key's octets modulo 65536 (2)</c> (RFC 9580 section 5.1.3).
    /// </summary>
    /// <returns>Null if the sum or the length is wrong.</returns>
    public static SessionKey? Parse(ReadOnlySpan<byte> encoded, bool withCipher)
    {
        var fields = new FieldReader(encoded);
        var cipher = withCipher ? (CipherAlgorithm)fields.Byte() : CipherAlgorithm.None;
        var key = fields.Bytes((uint)Math.Max(0, encoded.Length - fields.Position - ChecksumLength));
        var expected = fields.UInt16();
        ushort sum = 0;
        foreach (var value in key)
            sum += value;
        var length = BlockCiphers.KeyLength(cipher);
        if (!fields.AtEnd || sum != expected || key.IsEmpty || (length != 0 && key.Length != length))
            return null;
        return Of(cipher, key);
    }

    /// <summary>
    /// Returns a key that decrypts nothing. It replaces one with wrong padding, so that the error comes from the same check, after the same
    /// work, as for any other wrong key (RFC 9580 section 13.5, against Bleichenbacher's attack).
    /// </summary>
    public static SessionKey Random(bool withCipher)
    {
        var key = new SecretBuffer(32);
        key.SetLength(32);
        SystemRandom.Fill(key.Span);
        return new(withCipher ? CipherAlgorithm.Aes256 : CipherAlgorithm.None, key);
    }
}
