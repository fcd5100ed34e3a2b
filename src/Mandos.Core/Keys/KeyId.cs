using System.Diagnostics.CodeAnalysis;
using Org.BouncyCastle.Crypto.Digests;

namespace Mandos.Core.Keys;

/// <summary>
/// The identity of a client: SHA-256 of the DER SubjectPublicKeyInfo of its TLS key, written as 64 hexadecimal digits (docs/protocol.md;
/// the same as <c>certtool --key-id --hash=sha256</c>).
/// </summary>
public readonly record struct KeyId
{
    /// <summary>The length of the text form.</summary>
    public const int HexLength = 64;

    private readonly string? _hex;

    private KeyId(string hex) => _hex = hex;

    /// <summary>
    /// The hash of the empty string, which a broken key generator of 2019 created for every client. It identifies no client and is never
    /// trusted, whatever a configuration says.
    /// </summary>
    public static KeyId OfNothing { get; } = FromSubjectPublicKeyInfo([]);

    /// <summary>Returns the key ID of a public key.</summary>
    public static KeyId FromSubjectPublicKeyInfo(ReadOnlySpan<byte> der)
    {
        var digest = new Sha256Digest();
        digest.BlockUpdate(der);
        Span<byte> hash = stackalloc byte[32];
        digest.DoFinal(hash);
        return new(Convert.ToHexStringLower(hash));
    }

    /// <summary>Parses 64 hexadecimal digits of either case; spaces (U+0020) are skipped, as in <c>clients.conf</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out KeyId keyId)
    {
        keyId = default;
        var compact = text?.Replace(" ", "", StringComparison.Ordinal);
        if (compact is not { Length: HexLength } || !compact.All(char.IsAsciiHexDigit))
            return false;
        keyId = new(compact.ToLowerInvariant());
        return true;
    }

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString() => _hex ?? OfNothing._hex!;
}
