namespace Mandos.Core.Keys;

/// <summary>The private half of a key pair: its algorithm and key bytes in a PKCS#8 PrivateKeyInfo (RFC 5958).</summary>
/// <remarks>
/// <code>
/// SEQUENCE { INTEGER version (0 or 1), algorithm, OCTET STRING key, [0] attributes OPTIONAL, [1] public key OPTIONAL }
/// </code>
/// </remarks>
internal readonly ref struct PrivateKeyInfo
{
    internal KeyAlgorithmId Id { get; private init; }

    /// <summary>
    /// The key: an OCTET STRING of the seed (RFC 8410), ECPrivateKey (RFC 5915) or RSAPrivateKey (RFC 8017, A.1.2); secret.
    /// </summary>
    internal ReadOnlySpan<byte> Key { get; private init; }

    /// <exception cref="KeyFormatException">Not a PrivateKeyInfo of a supported algorithm.</exception>
    internal static PrivateKeyInfo Parse(ReadOnlySpan<byte> der)
    {
        var outer = new DerReader(der);
        var reader = outer.Enter(DerReader.Sequence);
        outer.End();
        if (reader.Read(DerReader.Integer) is not [0 or 1])
            throw new KeyFormatException("a private key file of an unknown version");
        var id = KeyAlgorithmId.Read(ref reader);
        return new() { Id = id, Key = reader.Read(DerReader.OctetString) };
    }
}
