using Mandos.Core.Arithmetic;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Keys;

/// <summary>An Ed25519 or Ed448 key (RFC 8032, RFC 8410). The seed and everything derived from it are only in locked memory.</summary>
/// <remarks>BouncyCastle's Ed25519 and Ed448 leave the secret number that they derive from the seed on the managed heap.</remarks>
internal sealed unsafe class EdwardsSigningKey : TlsSigningKey
{
    private readonly EdwardsCurve _curve;
    private readonly bool _isEd448;
    private readonly SecretBuffer _seed;
    private readonly byte[] _publicKey;

    private EdwardsSigningKey(int scheme, ReadOnlySpan<byte> seed)
    {
        _isEd448 = scheme == SignatureScheme.ed448;
        _curve = _isEd448 ? EdwardsCurve.Ed448 : EdwardsCurve.Ed25519;
        if (seed.Length != _curve.Length)
            throw new KeyFormatException($"a private key of {seed.Length} bytes instead of {_curve.Length}");
        Schemes = [scheme];
        _seed = SecretBuffer.CopyOf(seed);
        using var expanded = Expand();
        _publicKey = EdwardsPoint.Multiply(_curve, expanded.Span[.._curve.Length]);
    }

    internal override string Name => _isEd448 ? "Ed448" : "Ed25519";

    internal override IReadOnlyList<int> Schemes { get; }

    /// <summary>The prefix of the signed data, which is empty for Ed25519 (RFC 8032 section 2).</summary>
    private ReadOnlySpan<byte> Domain => _isEd448 ? "SigEd448\0\0"u8 : [];

    internal static EdwardsSigningKey Create(int scheme, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> privateKey)
    {
        var reader = new DerReader(privateKey);
        var seed = reader.Read(DerReader.OctetString);
        reader.End();
        var key = new EdwardsSigningKey(scheme, seed);
        if (key._publicKey.AsSpan().SequenceEqual(publicKey))
            return key;
        key.Dispose();
        throw NotAPair();
    }

    /// <summary>RFC 8032, 5.1.6 and 5.2.6.</summary>
    internal override byte[] Sign(int scheme, ReadOnlySpan<byte> message)
    {
        using var order = new SecretModulus(_curve.Order, 3);
        ulong* nonce = order.New(), key = order.New(), challenge = order.New();
        using var expanded = Expand();
        using var drawn = Hash(Domain, expanded.Span[_curve.Length..], message);
        order.Reduce(drawn.Span, nonce);
        using var scalar = new SecretBuffer(_curve.Length);
        scalar.SetLength(_curve.Length);
        LimbArithmetic.Save(nonce, order.Limbs, scalar.Span);
        scalar.Span.Reverse();
        var point = EdwardsPoint.Multiply(_curve, scalar.Span);
        using var hash = Hash([.. Domain, .. point], _publicKey, message);
        order.Reduce(hash.Span, challenge);
        // One factor is in Montgomery's form, so that the product is not.
        expanded.Span[.._curve.Length].Reverse();
        order.Reduce(expanded.Span[.._curve.Length], key);
        order.Enter(key, key);
        order.Multiply(key, challenge, key);
        order.Add(key, nonce, key);
        var sum = new byte[_curve.Length];
        LimbArithmetic.Save(key, order.Limbs, sum);
        Array.Reverse(sum);
        return [.. point, .. sum];
    }

    public override void Dispose() => _seed.Dispose();

    /// <summary>Returns the secret number, little-endian, and the prefix for nonces.</summary>
    private SecretBuffer Expand()
    {
        var expanded = Hash(_seed.Span, [], []);
        expanded.Span.Reverse();
        if (_isEd448)
        {
            expanded.Span[0] &= 0xFC;
            expanded.Span[55] |= 0x80;
            expanded.Span[56] = 0;
        }
        else
        {
            expanded.Span[0] &= 0xF8;
            expanded.Span[31] = (byte)((expanded.Span[31] & 0x7F) | 0x40);
        }

        return expanded;
    }

    /// <summary>Returns a hash of twice the length of a key, as a big-endian number.</summary>
    private SecretBuffer Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        var hash = new SecretBuffer(2 * _curve.Length);
        hash.SetLength(2 * _curve.Length);
        IDigest digest = _isEd448 ? new ShakeDigest(256) : new Sha512Digest();
        digest.BlockUpdate(first);
        digest.BlockUpdate(second);
        digest.BlockUpdate(third);
        // BouncyCastle's digests wipe their input state in this call.
        if (digest is IXof xof)
            xof.OutputFinal(hash.Span);
        else
            digest.DoFinal(hash.Span);
        hash.Span.Reverse();
        return hash;
    }
}
