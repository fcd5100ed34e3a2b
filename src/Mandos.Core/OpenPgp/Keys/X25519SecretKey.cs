using Mandos.Core.Arithmetic;
using Mandos.Core.OpenPgp.Packets;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace Mandos.Core.OpenPgp.Keys;

/// <summary>X25519 as in RFC 9580 (sections 5.1.6 and 5.5.5.7): HKDF with SHA-256, then AES-128 key wrap.</summary>
internal sealed class X25519SecretKey : DecryptionKey
{
    private const int WrappingKeyLength = 16;

    private readonly SecretBuffer _scalar;

    private X25519SecretKey(PublicKeyPacket key, ReadOnlySpan<byte> scalar)
        : base(key) => _scalar = SecretBuffer.CopyOf(scalar);

    private static ReadOnlySpan<byte> Info => "OpenPGP X25519"u8;

    public static X25519SecretKey? Read(PublicKeyPacket key, ref FieldReader secret)
    {
        var scalar = secret.Bytes(X25519Operation.Length);
        return secret.Ok ? new(key, scalar) : null;
    }

    public override SessionKey? Unwrap(in SessionKeyPacket packet)
    {
        var fields = new FieldReader(packet.Fields);
        var ephemeral = fields.Bytes(X25519Operation.Length);
        var field = new FieldReader(fields.ShortField());
        // Unlike the older algorithms, X25519 with version 3 has the cipher outside the encrypted part, and no checksum.
        var cipher = packet.WithCipher ? (CipherAlgorithm)field.Byte() : CipherAlgorithm.None;
        var wrapped = field.Rest();
        if (!fields.AtEnd || !field.Ok)
            return null;

        using var shared = X25519Operation.Agree(_scalar.Span, ephemeral);
        if (shared is null)
            return null;
        using var wrappingKey = DeriveWrappingKey(ephemeral, shared.Span);
        using var key = AesKeyWrap.Unwrap(wrappingKey.Span, wrapped);
        // The cipher comes from the sender, and says how long the key must be.
        return key is null || (BlockCiphers.KeyLength(cipher) is > 0 and var length && key.Length != length)
            ? null
            : SessionKey.Of(cipher, key.Span);
    }

    public override void Dispose() => _scalar.Dispose();

    private SecretBuffer DeriveWrappingKey(ReadOnlySpan<byte> ephemeral, ReadOnlySpan<byte> shared)
    {
        byte[] input = [.. ephemeral, .. Public.Numbers.Bytes(X25519Operation.Length), .. shared];
        var hkdf = new HkdfBytesGenerator(new Sha256Digest());
        hkdf.Init(new HkdfParameters(input, null, Info.ToArray()));
        SecretBuffer.Wipe(input);
        var key = new SecretBuffer(WrappingKeyLength);
        key.SetLength(WrappingKeyLength);
        hkdf.GenerateBytes(key.Span);
        return key;
    }
}
