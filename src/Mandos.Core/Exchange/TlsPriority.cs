using System.Diagnostics.CodeAnalysis;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>
/// Which cipher suites, groups and signatures a handshake may use, in order of preference. Written as a GnuTLS priority string, as in
/// upstream's options <c>--priority</c> and <c>priority</c>. The protocol is always TLS 1.3 with raw public keys; a string that excludes it
/// is an error.
/// </summary>
/// <remarks>Keywords: docs/protocol.md.</remarks>
public sealed class TlsPriority
{
    /// <summary>Upstream's default, and ours.</summary>
    public const string DefaultText = "SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA";

    internal TlsPriority(int[] cipherSuites, int[] groups, int[] signatureSchemes)
    {
        CipherSuites = cipherSuites;
        Groups = groups;
        SignatureSchemes = signatureSchemes;
    }

    /// <summary>The meaning of <see cref="DefaultText"/>: everything that is strong enough, in our order of preference.</summary>
    public static TlsPriority Default { get; } = new(PrioritySets.CipherSuites, PrioritySets.Groups, PrioritySets.SignatureSchemes);

    /// <summary>
    /// The server's default, without key exchange on the large curves: any peer could request it before it has proved anything, and it
    /// costs ten times as much as X25519, which every client supports. Clients whose keys are on these curves may sign with them.
    /// </summary>
    public static TlsPriority ServerDefault { get; } = new(
        PrioritySets.CipherSuites, PrioritySets.QuickGroups, PrioritySets.SignatureSchemes);

    /// <summary>TLS 1.3 cipher suites (RFC 8446, B.4), best first.</summary>
    internal int[] CipherSuites { get; }

    /// <summary>Groups for the key exchange (RFC 8446, 4.2.7), best first.</summary>
    internal int[] Groups { get; }

    /// <summary>Signature schemes (RFC 8446, 4.2.3), best first.</summary>
    internal int[] SignatureSchemes { get; }

    /// <summary>Parses a priority string.</summary>
    /// <param name="text">Words separated by <c>:</c>.</param>
    /// <param name="priority">What the string allows.</param>
    /// <param name="error">Which word is invalid and why, if the result is false.</param>
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

    /// <summary>The common name of a group.</summary>
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

    /// <summary>The common name of a cipher suite.</summary>
    internal static string CipherSuiteName(int suite) => suite switch
    {
        CipherSuite.TLS_AES_256_GCM_SHA384 => "AES_256_GCM_SHA384",
        CipherSuite.TLS_CHACHA20_POLY1305_SHA256 => "CHACHA20_POLY1305_SHA256",
        CipherSuite.TLS_AES_128_GCM_SHA256 => "AES_128_GCM_SHA256",
        CipherSuite.TLS_AES_128_CCM_SHA256 => "AES_128_CCM_SHA256",
        _ => $"suite {suite:x4}",
    };
}
