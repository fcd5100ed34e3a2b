namespace Mandos.Core.Keys;

/// <summary>The kinds of key that can sign a TLS 1.3 handshake here.</summary>
internal enum KeyAlgorithm
{
    Ed25519,
    Ed448,
    Ecdsa,
    Rsa,

    /// <summary>RSA restricted to PSS signatures (RFC 4055).</summary>
    RsaPss,
}

/// <summary>The algorithm in a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) or PrivateKeyInfo (RFC 5958), and for ECDSA the curve.</summary>
/// <remarks>
/// <code>
/// SEQUENCE { OID algorithm, parameters: none (Ed25519, Ed448), OID of the curve (ECDSA), NULL (RSA), none (RSA-PSS) }
/// </code>
/// </remarks>
internal readonly record struct KeyAlgorithmId(KeyAlgorithm Algorithm, NistCurveName? Curve)
{
    private static ReadOnlySpan<byte> Ed25519 => [0x2B, 0x65, 0x70];
    private static ReadOnlySpan<byte> Ed448 => [0x2B, 0x65, 0x71];
    private static ReadOnlySpan<byte> EcPublicKey => [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
    private static ReadOnlySpan<byte> RsaEncryption => [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
    private static ReadOnlySpan<byte> RsassaPss => [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A];

    /// <summary>For messages: "Ed25519", "ECDSA P-256".</summary>
    public override string ToString() => Algorithm switch
    {
        KeyAlgorithm.Ecdsa => $"ECDSA {NistCurveNames.ToText(Curve!.Value)}",
        KeyAlgorithm.Rsa => "RSA",
        KeyAlgorithm.RsaPss => "RSA-PSS",
        KeyAlgorithm.Ed448 => "Ed448",
        _ => "Ed25519",
    };

    /// <summary>
    /// The AlgorithmIdentifier as the standard requires it (RFC 8410, 3; RFC 5480, 2.1.1; RFC 3279, 2.3.1; RFC 4055, 1.2).
    /// </summary>
    internal byte[] Encode() => Algorithm switch
    {
        KeyAlgorithm.Ecdsa => Sequence(Element(EcPublicKey), Element(NistCurveNames.ToOid(Curve!.Value))),
        KeyAlgorithm.Rsa => Sequence(Element(RsaEncryption), [DerReader.Null, 0]),
        KeyAlgorithm.RsaPss => Sequence(Element(RsassaPss), []),
        KeyAlgorithm.Ed448 => Sequence(Element(Ed448), []),
        _ => Sequence(Element(Ed25519), []),
    };

    /// <exception cref="KeyFormatException">Not a supported algorithm or curve.</exception>
    internal static KeyAlgorithmId Read(ref DerReader parent)
    {
        var reader = parent.Enter(DerReader.Sequence);
        var oid = reader.Read(DerReader.ObjectIdentifier);
        if (oid.SequenceEqual(EcPublicKey))
        {
            if (!reader.NextIs(DerReader.ObjectIdentifier))
                throw new KeyFormatException("the key does not use a named curve");
            return new(KeyAlgorithm.Ecdsa, NistCurveNames.FromOid(reader.Read(DerReader.ObjectIdentifier)));
        }
        var algorithm =
            oid.SequenceEqual(Ed25519) ? KeyAlgorithm.Ed25519 :
            oid.SequenceEqual(Ed448) ? KeyAlgorithm.Ed448 :
            oid.SequenceEqual(RsaEncryption) ? KeyAlgorithm.Rsa :
            oid.SequenceEqual(RsassaPss) ? KeyAlgorithm.RsaPss :
            throw new KeyFormatException("a key of an unsupported type (Ed25519, Ed448, ECDSA and RSA are supported)");
        if (algorithm == KeyAlgorithm.RsaPss && !reader.AtEnd)
            throw new KeyFormatException("an RSA-PSS key with restricted parameters is not supported");
        return new(algorithm, null);
    }

    private static byte[] Element(ReadOnlySpan<byte> oid) => [DerReader.ObjectIdentifier, (byte)oid.Length, .. oid];

    private static byte[] Sequence(byte[] identifier, byte[] parameters) =>
        [DerReader.Sequence, (byte)(identifier.Length + parameters.Length), .. identifier, .. parameters];
}
