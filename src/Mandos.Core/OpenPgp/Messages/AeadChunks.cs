using System.Buffers.Binary;
using Mandos.Core.OpenPgp.Packets;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace Mandos.Core.OpenPgp.Messages;

/// <summary>
/// Data in chunks with an authentication tag each, and a final tag over the total length, so that no chunk can be changed, moved or left
/// out.
/// </summary>
internal sealed class AeadChunks(AeadAlgorithm algorithm, CipherAlgorithm cipher, KeyParameter key, int chunkLength)
{
    public const int TagLength = 16;

    /// <summary>The largest chunk; no message here needs larger ones (RFC 9580 allows up to 2^22 octets, LibrePGP 2^62).</summary>
    private const int MaxChunkExponent = 24;

    private IAeadCipher? _cipher;

    /// <summary>The length of a nonce; 0 for an algorithm that is not supported.</summary>
    public static int NonceLength(AeadAlgorithm algorithm) => algorithm switch
    {
        AeadAlgorithm.Eax => 16,
        AeadAlgorithm.Ocb => 15,
        AeadAlgorithm.Gcm => 12,
        _ => 0,
    };

    /// <summary>The chunk length, 2^(octet+6) octets; everything larger than a message counts as the maximum.</summary>
    public static int ChunkLength(byte octet) => 1 << Math.Min(octet + 6, MaxChunkExponent);

    /// <summary>Decrypts all chunks.</summary>
    /// <param name="data">The chunks, each followed by its tag, then the final tag.</param>
    /// <param name="budget">The remaining budget of the message.</param>
    /// <param name="associated">Associated data of every chunk.</param>
    /// <param name="indexInAssociated">Whether the chunk index is appended to it (LibrePGP, but not RFC 9580).</param>
    /// <param name="nonceFor">Fills the nonce of the chunk with the given index.</param>
    /// <returns>Null if a tag is wrong or the budget is used up.</returns>
    public SecretBuffer? Decrypt(
        ReadOnlySpan<byte> data, MessageBudget budget, ReadOnlySpan<byte> associated, bool indexInAssociated, Action<byte[], long> nonceFor)
    {
        if (data.Length < TagLength)
            return null;
        var chunks = data[..^TagLength];
        var plaintext = new SecretBuffer(data.Length);
        var whole = false;
        try
        {
            byte[] chunkAssociated = [.. associated, .. indexInAssociated ? new byte[8] : []];
            var nonce = new byte[NonceLength(algorithm)];
            long index = 0;
            for (; !chunks.IsEmpty; index++)
            {
                var length = Math.Min(chunks.Length, chunkLength + TagLength);
                if (indexInAssociated)
                    BinaryPrimitives.WriteInt64BigEndian(chunkAssociated.AsSpan(^8), index);
                nonceFor(nonce, index);
                if (length < TagLength || !budget.TakeTime() || !Open(chunks[..length], chunkAssociated, nonce, plaintext))
                    return null;
                chunks = chunks[length..];
            }

            if (indexInAssociated)
                BinaryPrimitives.WriteInt64BigEndian(chunkAssociated.AsSpan(^8), index);
            byte[] lastAssociated = [.. chunkAssociated, .. new byte[8]];
            BinaryPrimitives.WriteInt64BigEndian(lastAssociated.AsSpan(^8), plaintext.Length);
            nonceFor(nonce, index);
            whole = Open(data[^TagLength..], lastAssociated, nonce, plaintext);
            return whole ? plaintext : null;
        }
        finally
        {
            if (!whole)
                plaintext.Dispose();
        }
    }

    private bool Open(ReadOnlySpan<byte> chunk, byte[] associated, byte[] nonce, SecretBuffer plaintext)
    {
        _cipher ??= NewCipher();
        _cipher.Init(forEncryption: false, new AeadParameters(key, TagLength * 8, nonce, associated));
        try
        {
            var written = _cipher.ProcessBytes(chunk, plaintext.Free);
            written += _cipher.DoFinal(plaintext.Free[written..]);
            plaintext.Advance(written);
            return true;
        }
        catch (InvalidCipherTextException)
        {
            return false;
        }
    }

    private IAeadCipher NewCipher() => algorithm switch
    {
        AeadAlgorithm.Eax => new EaxBlockCipher(BlockCiphers.Create(cipher)),
        AeadAlgorithm.Ocb => new OcbBlockCipher(BlockCiphers.Create(cipher), BlockCiphers.Create(cipher)),
        _ => new GcmBlockCipher(BlockCiphers.Create(cipher)),
    };
}
