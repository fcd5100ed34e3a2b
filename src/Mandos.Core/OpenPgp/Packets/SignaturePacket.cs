using System.Buffers.Binary;

namespace Mandos.Core.OpenPgp.Packets;

/// <summary>A signature over a message (RFC 9580 section 5.2).</summary>
/// <remarks>
/// <code>
/// version (4, 6) | type | algorithm | hash algorithm | length (2, 4) | signed subpackets | length (2, 4) | other subpackets
///     | first two octets of the hash | only version 6: length (1), salt | numbers of the algorithm
/// </code>
/// </remarks>
internal sealed class SignaturePacket
{
    private const byte Binary = 0, Text = 1;
    private const int IssuerKeyId = 16, IssuerFingerprint = 33;

    private readonly List<byte[]> _issuers = [];

    private SignaturePacket(byte version) => Version = version;

    public byte Version { get; }

    public PublicKeyAlgorithm Algorithm { get; private init; }

    public HashAlgorithm HashAlgorithm { get; private init; }

    /// <summary>Whether the signature covers text with CR LF line ends instead of the unchanged bytes.</summary>
    public bool IsText { get; private init; }

    /// <summary>The salt, which precedes the message in the hash; empty in version 4.</summary>
    public byte[] Salt { get; private init; } = [];

    /// <summary>The packet up to the signed subpackets, which is part of the hash.</summary>
    public byte[] SignedFields { get; private init; } = [];

    /// <summary>The first two octets of the hash, for a quick check.</summary>
    public ushort HashStart { get; private init; }

    /// <summary>The numbers of the signature.</summary>
    public byte[] Numbers { get; private init; } = [];

    /// <summary>Reads a signature over a document.</summary>
    /// <returns>Null if it is damaged. One of another version or type is returned, but is not <see cref="IsSupported"/>.</returns>
    public static SignaturePacket? Read(ReadOnlySpan<byte> body)
    {
        var fields = new FieldReader(body);
        var version = fields.Byte();
        if (version is not (4 or 6))
            return fields.Ok ? new(version) : null;
        var type = fields.Byte();
        var algorithm = (PublicKeyAlgorithm)fields.Byte();
        var hashAlgorithm = (HashAlgorithm)fields.Byte();
        var signed = fields.Bytes(version == 4 ? fields.UInt16() : fields.UInt32());
        var signedFields = fields.Since(0);
        var unsigned = fields.Bytes(version == 4 ? fields.UInt16() : fields.UInt32());
        var start = fields.UInt16();
        var salt = version == 6 ? fields.ShortField() : [];
        var numbers = fields.Rest();
        if (!fields.Ok)
            return null;

        var packet = new SignaturePacket(version)
        {
            Algorithm = type is Binary or Text ? algorithm : 0,
            HashAlgorithm = hashAlgorithm,
            IsText = type == Text,
            Salt = salt.ToArray(),
            SignedFields = signedFields.ToArray(),
            HashStart = start,
            Numbers = numbers.ToArray(),
        };
        return packet.AddIssuers(signed) && packet.AddIssuers(unsigned) ? packet : null;
    }

    /// <summary>Whether this kind of signature is supported; of others only the version is known.</summary>
    public bool IsSupported => Algorithm != 0;

    /// <summary>Whether the signature names this key as its issuer; if it names none, whether the key has the same algorithm.</summary>
    public bool MayBeBy(PublicKeyPacket key)
    {
        if (_issuers.Count == 0)
            return Fits(key);
        Span<byte> keyId = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(keyId, key.KeyId);
        foreach (var issuer in _issuers)
        {
            if (!issuer.AsSpan().SequenceEqual(issuer.Length == keyId.Length ? keyId : key.Fingerprint))
                return false;
        }

        return true;
    }

    /// <summary>Whether a key of this kind can have made the signature.</summary>
    public bool Fits(PublicKeyPacket key) => key.Version == Version && key.Algorithm == Algorithm;

    /// <summary>Adds the issuers in <c>length (1, 2 or 5) | type (1) | value</c> subpackets (RFC 9580 section 5.2.3.7).</summary>
    private bool AddIssuers(ReadOnlySpan<byte> subpackets)
    {
        var fields = new FieldReader(subpackets);
        while (fields.Ok && !fields.AtEnd)
        {
            uint length = fields.Byte();
            if (length == 255)
                length = fields.UInt32();
            else if (length >= 192)
                length = ((length - 192) << 8) + fields.Byte() + 192u;
            var subpacket = fields.Bytes(length);
            if (subpacket.IsEmpty)
                return false;
            // The first bit marks the subpacket as critical; a fingerprint is preceded by the key's version.
            if ((subpacket[0] & 0x7f) == IssuerKeyId && subpacket.Length == 9)
                _issuers.Add(subpacket[1..].ToArray());
            else if ((subpacket[0] & 0x7f) == IssuerFingerprint && subpacket.Length > 2)
                _issuers.Add(subpacket[2..].ToArray());
        }

        return fields.AtEnd;
    }
}
