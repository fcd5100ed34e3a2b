namespace Mandos.Core.Keys;

/// <summary>The kinds of key that can sign a TLS 1.3 handshake here.</summary>
internal enum KeyAlgorithm
{
    Ed25519,
    Ed448,
    Ecdsa,
    Rsa,

    /// <summary>RSA that may be used for PSS signatures alone (RFC 4055).</summary>
    RsaPss,
}

/// <summary>
/// The algorithm named in a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) or PrivateKeyInfo (RFC 5958), and for ECDSA the curve.
/// </summary>
/// <remarks><code>
/// SEQUENCE { OID algorithm, parameters: none (Ed25519, Ed448), OID of the curve (ECDSA), NULL (RSA), none (RSA-PSS) }
/// </code></remarks>
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

    /// <exception cref="KeyFormatException">Not a supported algorithm or curve.</exception>
    internal static KeyAlgorithmId Read(ref DerReader parent)
    {
        var reader = parent.Enter(DerReader.Sequence);
        var oid = reader.Read(DerReader.ObjectIdentifier);
        if (oid.SequenceEqual(EcPublicKey))
        {
            if (!reader.NextIs(DerReader.ObjectIdentifier))
                throw new KeyFormatException("the key's curve has no name");
            return new(KeyAlgorithm.Ecdsa, NistCurveNames.FromOid(reader.Read(DerReader.ObjectIdentifier)));
        }
        var algorithm =
            oid.SequenceEqual(Ed25519) ? KeyAlgorithm.Ed25519 :
            oid.SequenceEqual(Ed448) ? KeyAlgorithm.Ed448 :
            oid.SequenceEqual(RsaEncryption) ? KeyAlgorithm.Rsa :
            oid.SequenceEqual(RsassaPss) ? KeyAlgorithm.RsaPss :
            throw new KeyFormatException("a key of a kind that is not supported (Ed25519, Ed448, ECDSA and RSA are)");
        if (algorithm == KeyAlgorithm.RsaPss && !reader.AtEnd)
            throw new KeyFormatException("an RSA-PSS key with restricted parameters is not supported");
        return new(algorithm, null);
    }
}

/// <summary>The public half of a key pair: where its algorithm and key bytes lie in a SubjectPublicKeyInfo.</summary>
internal readonly ref struct SubjectPublicKey
{
    internal KeyAlgorithmId Id { get; private init; }

    /// <summary>A point (ECDSA: SEC 1, 2.3.3), 32 or 57 bytes (RFC 8410) or SEQUENCE { n, e } (RSA).</summary>
    internal ReadOnlySpan<byte> Key { get; private init; }

    /// <exception cref="KeyFormatException">Not a SubjectPublicKeyInfo of a supported algorithm.</exception>
    internal static SubjectPublicKey Parse(ReadOnlySpan<byte> der)
    {
        var outer = new DerReader(der);
        var reader = outer.Enter(DerReader.Sequence);
        outer.End();
        var id = KeyAlgorithmId.Read(ref reader);
        var key = reader.ReadBytesOfBits();
        reader.End();
        return new() { Id = id, Key = key };
    }
}
