using System.Buffers.Binary;
using Org.BouncyCastle.Crypto.Digests;

namespace Mandos.Core.OpenPgp.Packets;

/// <summary>
/// The public part of a key, with which secret key packets begin too (RFC 9580 section 5.5.2).
/// </summary>
/// <remarks>
/// <code>
/// version (4 or 6) | created (4) | algorithm (1) | only version 6: length of the numbers (4) | numbers of the algorithm
/// </code>
/// </remarks>
internal sealed class PublicKeyPacket
{
    private readonly byte[] _numbers;

    private PublicKeyPacket(byte version, PublicKeyAlgorithm algorithm, byte[] numbers, byte[] fingerprint)
    {
        Version = version;
        Algorithm = algorithm;
        _numbers = numbers;
        Fingerprint = fingerprint;
        KeyId = BinaryPrimitives.ReadUInt64BigEndian(version == 4 ? fingerprint.AsSpan(^8) : fingerprint);
    }

    public byte Version { get; }

    public PublicKeyAlgorithm Algorithm { get; }

    public byte[] Fingerprint { get; }

    /// <summary>The last eight octets of a version 4 fingerprint, the first eight of a version 6 fingerprint.</summary>
    public ulong KeyId { get; }

    /// <summary>The numbers of the algorithm, whose count and lengths <see cref="Read"/> has checked.</summary>
    public FieldReader Numbers => new(_numbers);

    /// <summary>Reads the public part and stops after it; null if the version or algorithm is unknown or fields are missing.</summary>
    public static PublicKeyPacket? Read(ref FieldReader fields)
    {
        var start = fields.Position;
        var version = fields.Byte();
        fields.UInt32();
        var algorithm = (PublicKeyAlgorithm)fields.Byte();
        if (version is not (4 or 6))
            return null;
        var declaredLength = version == 6 ? fields.UInt32() : 0;

        var numbersStart = fields.Position;
        if (!SkipNumbers(ref fields, algorithm) || !fields.Ok)
            return null;
        var numbers = fields.Since(numbersStart);
        if (version == 6 && numbers.Length != declaredLength)
            return null;
        return new(version, algorithm, numbers.ToArray(), HashOf(version, fields.Since(start)));
    }

    private static bool SkipNumbers(ref FieldReader fields, PublicKeyAlgorithm algorithm)
    {
        switch (algorithm)
        {
            case PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaEncryptOnly or PublicKeyAlgorithm.RsaSignOnly:
                SkipNumbers(ref fields, 2);
                return true;
            case PublicKeyAlgorithm.ElGamal:
                SkipNumbers(ref fields, 3);
                return true;
            case PublicKeyAlgorithm.Dsa:
                SkipNumbers(ref fields, 4);
                return true;
            case PublicKeyAlgorithm.Ecdh:
                fields.ShortField();
                fields.Number();
                fields.ShortField();
                return true;
            case PublicKeyAlgorithm.Ecdsa or PublicKeyAlgorithm.EdDsaLegacy:
                fields.ShortField();
                fields.Number();
                return true;
            case PublicKeyAlgorithm.X25519 or PublicKeyAlgorithm.Ed25519:
                fields.Bytes(32);
                return true;
            case PublicKeyAlgorithm.X448:
                fields.Bytes(56);
                return true;
            case PublicKeyAlgorithm.Ed448:
                fields.Bytes(57);
                return true;
            default:
                return false;
        }
    }

    private static void SkipNumbers(ref FieldReader fields, int count)
    {
        for (; count > 0; count--)
            fields.Number();
    }

    /// <summary>The fingerprint (RFC 9580 section 5.5.4).</summary>
    private static byte[] HashOf(byte version, ReadOnlySpan<byte> packet)
    {
        if (version == 4)
        {
            var sha1 = new Sha1Digest();
            sha1.BlockUpdate([0x99, (byte)(packet.Length >> 8), (byte)packet.Length]);
            sha1.BlockUpdate(packet);
            var fingerprint = new byte[20];
            sha1.DoFinal(fingerprint);
            return fingerprint;
        }

        var sha256 = new Sha256Digest();
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, packet.Length);
        sha256.Update(0x9B);
        sha256.BlockUpdate(length);
        sha256.BlockUpdate(packet);
        var longFingerprint = new byte[32];
        sha256.DoFinal(longFingerprint);
        return longFingerprint;
    }
}
