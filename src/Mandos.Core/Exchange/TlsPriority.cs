using System.Diagnostics.CodeAnalysis;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>
/// Which cipher suites, groups and signatures a handshake may use, in order of preference. Written as a GnuTLS priority
/// string, as the options <c>--priority</c> and <c>priority</c> of the original are; the protocol is always TLS 1.3 with
/// raw public keys, and a string that excludes that is an error.
/// </summary>
/// <remarks>Keywords: docs/protocol.md.</remarks>
public sealed class TlsPriority
{
    /// <summary>The original's default, and ours.</summary>
    public const string DefaultText = "SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA";

    internal TlsPriority(int[] cipherSuites, int[] groups, int[] signatureSchemes)
    {
        CipherSuites = cipherSuites;
        Groups = groups;
        SignatureSchemes = signatureSchemes;
    }

    /// <summary>What <see cref="DefaultText"/> means: everything that is strong enough, our own preferences first.</summary>
    public static TlsPriority Default { get; } = new(PrioritySets.CipherSuites, PrioritySets.Groups, PrioritySets.SignatureSchemes);

    /// <summary>
    /// The server's: without key exchange on the large curves, which a stranger could ask for before it has shown anything, and
    /// which costs ten times as much as X25519, that every client has. Clients whose keys lie on these curves may sign with them.
    /// </summary>
    public static TlsPriority ServerDefault { get; } = new(
        PrioritySets.CipherSuites, PrioritySets.QuickGroups, PrioritySets.SignatureSchemes);

    /// <summary>TLS 1.3 cipher suites (RFC 8446, B.4), best first.</summary>
    internal int[] CipherSuites { get; }

    /// <summary>Groups for the key exchange (RFC 8446, 4.2.7), best first.</summary>
    internal int[] Groups { get; }

    /// <summary>Signature schemes (RFC 8446, 4.2.3), best first.</summary>
    internal int[] SignatureSchemes { get; }

    /// <summary>Reads a priority string.</summary>
    /// <param name="text">Words separated by <c>:</c>.</param>
    /// <param name="priority">What the string allows.</param>
    /// <param name="error">Which word is wrong and why, if the result is false.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TlsPriority? priority, [NotNullWhen(false)] out string? error)
    {
        priority = null;
        if (text == DefaultText)
        {
            priority = Default;
            error = null;
            return true;
        }
        var parser = new PriorityParser();
        error = parser.Read(text);
        if (error is null)
            priority = parser.ToPriority(out error);
        return priority is not null;
    }

    /// <summary>The name of a group as people know it.</summary>
    internal static string GroupName(int group) => group switch
    {
        NamedGroup.X25519MLKEM768 => "X25519MLKEM768",
        NamedGroup.x25519 => "X25519",
        NamedGroup.secp256r1 => "secp256r1",
        NamedGroup.secp384r1 => "secp384r1",
        NamedGroup.secp521r1 => "secp521r1",
        NamedGroup.x448 => "X448",
        _ => $"group {group:x4}",
    };

    /// <summary>The name of a cipher suite as people know it.</summary>
    internal static string CipherSuiteName(int suite) => suite switch
    {
        CipherSuite.TLS_AES_256_GCM_SHA384 => "AES_256_GCM_SHA384",
        CipherSuite.TLS_CHACHA20_POLY1305_SHA256 => "CHACHA20_POLY1305_SHA256",
        CipherSuite.TLS_AES_128_GCM_SHA256 => "AES_128_GCM_SHA256",
        CipherSuite.TLS_AES_128_CCM_SHA256 => "AES_128_CCM_SHA256",
        _ => $"suite {suite:x4}",
    };
}
