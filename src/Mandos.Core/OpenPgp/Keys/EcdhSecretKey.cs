using Mandos.Core.Arithmetic;
using Mandos.Core.OpenPgp.Packets;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto;

namespace Mandos.Core.OpenPgp.Keys;

/// <summary>
/// ECDH over Curve25519, NIST and brainpool curves as implemented by gpg (RFC 9580 sections 5.1.5, 5.5.5.6 and 11): the shared point is
/// hashed together with identifiers of the key and its algorithms, and the result unwraps the session key (AES key wrap, RFC 3394).
/// </summary>
internal sealed class EcdhSecretKey : DecryptionKey
{
    /// <summary>The octet before the 32 octets of a native point.</summary>
    private const byte NativePoint = 0x40;

    private readonly SecretBuffer _scalar;
    private readonly EllipticCurve? _curve;

    /// <param name="key">The public part.</param>
    /// <param name="scalar">The secret number, in the byte order of the curve.</param>
    /// <param name="curve">Null for Curve25519.</param>
    private EcdhSecretKey(PublicKeyPacket key, SecretBuffer scalar, EllipticCurve? curve)
        : base(key)
    {
        _scalar = scalar;
        _curve = curve;
    }

    /// <summary>1.3.6.1.4.1.3029.1.5.1.</summary>
    private static ReadOnlySpan<byte> Curve25519 => [0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01];

    private static ReadOnlySpan<byte> AnonymousSender => "Anonymous Sender    "u8;

    public static EcdhSecretKey? Read(PublicKeyPacket key, ref FieldReader secret, out string error)
    {
        error = "";
        var number = secret.Number();
        if (!secret.Ok)
            return null;
        var numbers = key.Numbers;
        var identifier = numbers.ShortField();
        var native = identifier.SequenceEqual(Curve25519);
        var curve = EllipticCurve.Of(identifier);
        var point = numbers.Number();
        var length = curve?.Length ?? X25519Operation.Length;
        if (!native && curve is null)
            error = "its elliptic curve is not supported; Curve25519, NIST and brainpool curves are";
        else if (number.Length > length
            || point.Length != (native ? 1 + X25519Operation.Length : 1 + (2 * length))
            || (native && point[0] != NativePoint))
            error = "the numbers of the ECDH key have the wrong length";
        else if (numbers.ShortField() is not [1, var hash, var cipher]
            || NewHash(hash) is null
            || AesKeyWrap.KeyLength((CipherAlgorithm)cipher) == 0)
            error = "the ECDH key uses an unknown key derivation";
        if (error.Length > 0)
            return null;

        var scalar = new SecretBuffer(length);
        scalar.SetLength(length);
        number.CopyTo(scalar.Span[^number.Length..]);
        // The number is big-endian without leading zeros; Curve25519 uses little-endian numbers.
        if (native)
            scalar.Span.Reverse();
        return new(key, scalar, curve);
    }

    public override SessionKey? Unwrap(in SessionKeyPacket packet)
    {
        var fields = new FieldReader(packet.Fields);
        var point = fields.Number();
        var wrapped = fields.ShortField();
        if (!fields.AtEnd)
            return null;
        using var shared = _curve is null ? Agree(point) : SharedPoint.Of(_curve, _scalar.Span, point);
        if (shared is null)
            return null;
        using var wrappingKey = DeriveWrappingKey(shared.Span);
        using var padded = AesKeyWrap.Unwrap(wrappingKey.Span, wrapped);
        return padded is not null && TryUnpad(padded) ? SessionKey.Parse(padded.Span, packet.WithCipher) : null;
    }

    public override void Dispose() => _scalar.Dispose();

    private SecretBuffer? Agree(ReadOnlySpan<byte> point) =>
        point is [NativePoint, .. { Length: X25519Operation.Length }] ? X25519Operation.Agree(_scalar.Span, point[1..]) : null;

    /// <summary>hash(00 00 00 01 | shared point | curve | algorithm | derivation | "Anonymous Sender    " | fingerprint).</summary>
    private SecretBuffer DeriveWrappingKey(ReadOnlySpan<byte> shared)
    {
        var numbers = Public.Numbers;
        var curve = numbers.ShortField();
        numbers.Number();
        var derivation = numbers.ShortField();
        var digest = NewHash(derivation[1])!;
        digest.BlockUpdate([0, 0, 0, 1]);
        digest.BlockUpdate(shared);
        digest.Update((byte)curve.Length);
        digest.BlockUpdate(curve);
        digest.BlockUpdate([(byte)PublicKeyAlgorithm.Ecdh, (byte)derivation.Length]);
        digest.BlockUpdate(derivation);
        digest.BlockUpdate(AnonymousSender);
        digest.BlockUpdate(Public.Fingerprint);
        var key = new SecretBuffer(digest.GetDigestSize());
        key.SetLength(digest.GetDigestSize());
        digest.DoFinal(key.Span);
        key.SetLength(AesKeyWrap.KeyLength((CipherAlgorithm)derivation[2]));
        return key;
    }

    /// <summary>Returns the hash; null if it is too short for AES-256.</summary>
    private static IDigest? NewHash(byte algorithm) =>
        MessageHash.NewDigest((HashAlgorithm)algorithm) is { } digest && digest.GetDigestSize() >= 32 ? digest : null;

    /// <summary>Removes n octets of value n (RFC 9580 section 5.1.5).</summary>
    private static bool TryUnpad(SecretBuffer padded)
    {
        var count = padded.Length == 0 ? 0 : padded.Span[^1];
        if (count == 0 || count >= padded.Length || padded.Span[^count..].ContainsAnyExcept((byte)count))
            return false;
        padded.SetLength(padded.Length - count);
        return true;
    }
}
