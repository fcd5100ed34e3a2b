using System.Buffers.Binary;
using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Packets;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace Mandos.Core.OpenPgp.Messages;

/// <summary>
/// Authenticated encrypted data: packet 20 of LibrePGP, which newer gpg writes, and packet 18 version 2 (RFC 9580 section 5.13.2).
/// </summary>
/// <remarks>
/// <code>
/// 20: 1 | cipher (1) | mode (1) | chunk size (1) | starting vector (15, 16) | chunks
/// 18: 2 | cipher (1) | mode (1) | chunk size (1) | salt (32)                | chunks
/// </code>
/// </remarks>
internal readonly ref struct AeadData
{
    private const int SaltLength = 32;

    private readonly byte[] _associated;
    private readonly ReadOnlySpan<byte> _start;
    private readonly ReadOnlySpan<byte> _chunks;
    private readonly bool _isVersion2;

    private AeadData(PacketTag tag, ReadOnlySpan<byte> header, ReadOnlySpan<byte> start, ReadOnlySpan<byte> chunks)
    {
        _isVersion2 = tag == PacketTag.IntegrityProtected;
        // A new-format header octet and the first four fields are authenticated with every chunk.
        _associated = [(byte)(0xC0 | (byte)tag), .. header];
        _start = start;
        _chunks = chunks;
        Cipher = (CipherAlgorithm)header[1];
    }

    public CipherAlgorithm Cipher { get; }

    private AeadAlgorithm Mode => (AeadAlgorithm)_associated[3];

    /// <summary>Reads the fields before the chunks.</summary>
    public static Failure? Read(PacketTag tag, ReadOnlySpan<byte> body, out AeadData data)
    {
        data = default;
        var fields = new FieldReader(body);
        var header = fields.Bytes(4);
        if (header is not [_, var cipher, var mode, _])
            return Failure.Damaged("its encrypted data is truncated");
        var nonceLength = AeadChunks.NonceLength((AeadAlgorithm)mode);
        if (BlockCiphers.KeyLength((CipherAlgorithm)cipher) == 0 || !BlockCiphers.HasLongBlocks((CipherAlgorithm)cipher))
            return Failure.UnsupportedCipher((CipherAlgorithm)cipher);
        if (nonceLength == 0)
            return Failure.Unsupported($"it is encrypted in authenticated mode {mode}, which is not supported");
        var start = fields.Bytes((uint)(tag == PacketTag.AeadEncrypted ? nonceLength : SaltLength));
        var chunks = fields.Rest();
        if (!fields.Ok)
            return Failure.Damaged("its encrypted data is truncated");
        data = new(tag, header, start, chunks);
        return null;
    }

    /// <returns>The packets inside, or null if a tag is wrong or the budget is used up.</returns>
    public SecretBuffer? Decrypt(SessionKey key, MessageBudget budget)
    {
        if (key.Bytes.Length != BlockCiphers.KeyLength(Cipher))
            return null;
        return _isVersion2 ? DecryptVersion2(key, budget) : DecryptLibrePgp(key, budget);
    }

    private SecretBuffer? DecryptLibrePgp(SessionKey key, MessageBudget budget)
    {
        var start = _start.ToArray();
        var chunks = new AeadChunks(Mode, Cipher, new KeyParameter(key.Bytes), AeadChunks.ChunkLength(_associated[4]));
        return chunks.Decrypt(_chunks, budget, _associated, indexInAssociated: true, (nonce, index) =>
        {
            start.CopyTo(nonce, 0);
            var tail = nonce.AsSpan(^8);
            BinaryPrimitives.WriteInt64BigEndian(tail, BinaryPrimitives.ReadInt64BigEndian(tail) ^ index);
        });
    }

    private SecretBuffer? DecryptVersion2(SessionKey key, MessageBudget budget)
    {
        var keyLength = BlockCiphers.KeyLength(Cipher);
        using var derived = new SecretBuffer(keyLength + AeadChunks.NonceLength(Mode) - 8);
        derived.SetLength(keyLength + AeadChunks.NonceLength(Mode) - 8);
        var hkdf = new HkdfBytesGenerator(new Sha256Digest());
        var input = key.Bytes.ToArray();
        hkdf.Init(new HkdfParameters(input, _start.ToArray(), _associated));
        SecretBuffer.Wipe(input);
        hkdf.GenerateBytes(derived.Span);

        var start = derived.Span[keyLength..].ToArray();
        var chunks = new AeadChunks(Mode, Cipher, new KeyParameter(derived.Span[..keyLength]), AeadChunks.ChunkLength(_associated[4]));
        return chunks.Decrypt(_chunks, budget, _associated, indexInAssociated: false, (nonce, index) =>
        {
            start.CopyTo(nonce, 0);
            BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(^8), index);
        });
    }
}
