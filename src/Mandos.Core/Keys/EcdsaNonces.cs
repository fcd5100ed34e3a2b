using Mandos.Core.Arithmetic;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto;

namespace Mandos.Core.Keys;

/// <summary>The nonces of ECDSA signatures, derived from the key and the signed hash (RFC 6979 section 3.2), in locked memory.</summary>
/// <remarks>BouncyCastle's HMacDsaKCalculator keeps them, and the key, on the managed heap.</remarks>
internal sealed class EcdsaNonces : IDisposable
{
    private readonly EllipticCurve _curve;
    private readonly IDigest _digest;
    private readonly SecretBuffer _memory;
    private readonly int _hash;
    private readonly int _block;

    /// <param name="curve">The curve of the key.</param>
    /// <param name="digest">The digest of the signature; the caller must not use it meanwhile.</param>
    /// <param name="scalar">The private key, with the length of the order.</param>
    /// <param name="hash">The signed hash, modulo the order and with its length.</param>
    internal EcdsaNonces(EllipticCurve curve, IDigest digest, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> hash)
    {
        _curve = curve;
        _digest = digest;
        _hash = digest.GetDigestSize();
        _block = digest.GetByteLength();
        var length = (3 * _hash) + _block;
        _memory = new SecretBuffer(length);
        _memory.SetLength(length);
        Key.Clear();
        Value.Fill(1);
        Renew([0], scalar, hash);
        Renew([1], scalar, hash);
    }

    /// <summary>The key of the HMAC (K).</summary>
    private Span<byte> Key => _memory.Span[.._hash];

    /// <summary>The value that is authenticated repeatedly (V).</summary>
    private Span<byte> Value => _memory.Span.Slice(_hash, _hash);

    private Span<byte> Inner => _memory.Span.Slice(2 * _hash, _hash);

    private Span<byte> Block => _memory.Span.Slice(3 * _hash, _block);

    /// <summary>Returns the next nonce, above 0 and below the order; the caller disposes it.</summary>
    internal SecretBuffer Next()
    {
        var nonce = new SecretBuffer(_curve.Length);
        nonce.SetLength(_curve.Length);
        do
        {
            for (var taken = 0; taken < nonce.Length; taken += _hash)
            {
                Authenticate(Value);
                Value[..Math.Min(_hash, nonce.Length - taken)].CopyTo(nonce.Span[taken..]);
            }

            ShiftRight(nonce.Span, (8 * nonce.Length) - _curve.OrderBits);
            Renew([0]);
        }
        while (!_curve.HasScalar(nonce.Span));
        return nonce;
    }

    /// <inheritdoc />
    public void Dispose() => _memory.Dispose();

    /// <summary>K = HMAC(K, V || first || second || third); V = HMAC(K, V).</summary>
    private void Renew(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        Authenticate(Key, first, second, third);
        Authenticate(Value);
    }

    /// <summary>Computes HMAC with the key (RFC 2104) over the value and what follows it.</summary>
    private void Authenticate(
        Span<byte> result, ReadOnlySpan<byte> first = default, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        Pad(0x36);
        _digest.BlockUpdate(Value);
        _digest.BlockUpdate(first);
        _digest.BlockUpdate(second);
        _digest.BlockUpdate(third);
        _ = _digest.DoFinal(Inner);
        Pad(0x5C);
        _digest.BlockUpdate(Inner);
        // BouncyCastle's digests wipe their input state in this call.
        _ = _digest.DoFinal(result);
    }

    private void Pad(byte pattern)
    {
        Block.Fill(pattern);
        for (var i = 0; i < _hash; i++)
            Block[i] ^= Key[i];
        _digest.BlockUpdate(Block);
    }

    private static void ShiftRight(Span<byte> number, int bits)
    {
        if (bits == 0)
            return;
        for (var i = number.Length - 1; i >= 0; i--)
            number[i] = (byte)((number[i] >> bits) | (i > 0 ? number[i - 1] << (8 - bits) : 0));
    }
}
