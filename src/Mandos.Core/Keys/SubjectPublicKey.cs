namespace Mandos.Core.Keys;

/// <summary>The public half of a key pair: its algorithm and key bytes in a SubjectPublicKeyInfo.</summary>
internal readonly ref struct SubjectPublicKey
{
    internal KeyAlgorithmId Id { get; private init; }

    /// <summary>The whole AlgorithmIdentifier as encoded.</summary>
    internal ReadOnlySpan<byte> AlgorithmIdentifier { get; private init; }

    /// <summary>A point (ECDSA: SEC 1, 2.3.3), 32 or 57 bytes (RFC 8410) or SEQUENCE { n, e } (RSA).</summary>
    internal ReadOnlySpan<byte> Key { get; private init; }

    /// <exception cref="KeyFormatException">Not a SubjectPublicKeyInfo of a supported algorithm.</exception>
    internal static SubjectPublicKey Parse(ReadOnlySpan<byte> der)
    {
        var outer = new DerReader(der);
        var reader = outer.Enter(DerReader.Sequence);
        outer.End();
        var identifier = reader.PeekElement(DerReader.Sequence);
        var id = KeyAlgorithmId.Read(ref reader);
        var key = reader.ReadBytesOfBits();
        reader.End();
        return new() { Id = id, AlgorithmIdentifier = identifier, Key = key };
    }
}
