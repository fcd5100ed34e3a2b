namespace Mandos.Core.OpenPgp.Packets;

/// <summary>A session key encrypted to one public key (RFC 9580 section 5.1).</summary>
/// <remarks>
/// <code>
/// 3 | key ID of the recipient, or 0 (8)                                   | algorithm (1) | fields of the algorithm
/// 6 | length (1) and, unless it is 0: key version (1), fingerprint (20, 32) | algorithm (1) | fields of the algorithm
/// </code>
/// </remarks>
internal readonly ref struct SessionKeyPacket
{
    private readonly ReadOnlySpan<byte> _fingerprint;

    private SessionKeyPacket(
        byte version, ulong keyId, ReadOnlySpan<byte> fingerprint, PublicKeyAlgorithm algorithm, ReadOnlySpan<byte> fields)
    {
        Version = version;
        KeyId = keyId;
        _fingerprint = fingerprint;
        Algorithm = algorithm;
        Fields = fields;
    }

    public byte Version { get; }

    public PublicKeyAlgorithm Algorithm { get; }

    /// <summary>The fields of the algorithm.</summary>
    public ReadOnlySpan<byte> Fields { get; }

    /// <summary>Whether the encrypted part contains the cipher (version 3); in version 6 the encrypted data names it.</summary>
    public bool WithCipher => Version == 3;

    /// <summary>Whether the recipient is hidden.</summary>
    public bool IsAnonymous => Version == 3 ? KeyId == 0 : _fingerprint.IsEmpty;

    private ulong KeyId { get; }

    /// <summary>
    /// Parses a packet. False if it is incomplete or has an unknown version; such packets are skipped, like those for others.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out SessionKeyPacket packet)
    {
        var fields = new FieldReader(body);
        var version = fields.Byte();
        ulong keyId = 0;
        ReadOnlySpan<byte> fingerprint = [];
        if (version == 3)
            keyId = fields.UInt64();
        else if (version == 6)
            fingerprint = fields.ShortField() is { Length: > 1 } versioned ? versioned[1..] : [];
        var algorithm = (PublicKeyAlgorithm)fields.Byte();
        var rest = fields.Rest();
        packet = new(version, keyId, fingerprint, algorithm, rest);
        return fields.Ok && version is 3 or 6;
    }

    /// <summary>Whether it may be for this key: it names the key, or its recipient is hidden.</summary>
    public bool IsFor(PublicKeyPacket key)
    {
        var sameAlgorithm = key.Algorithm == Algorithm || (IsRsa(key.Algorithm) && IsRsa(Algorithm));
        if (!sameAlgorithm)
            return false;
        return IsAnonymous || (Version == 3 ? KeyId == key.KeyId : _fingerprint.SequenceEqual(key.Fingerprint));
    }

    private static bool IsRsa(PublicKeyAlgorithm algorithm) => algorithm is PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaEncryptOnly;
}
