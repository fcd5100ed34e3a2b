using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>Everything that our TLS supports, best first, and the subsets that the initial keywords of a priority string select.</summary>
internal static class PrioritySets
{
    internal static int[] CipherSuites =>
    [
        CipherSuite.TLS_AES_256_GCM_SHA384,
        CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        CipherSuite.TLS_AES_128_GCM_SHA256,
        CipherSuite.TLS_AES_128_CCM_SHA256,
    ];

    // The first group also protects against recording now and decrypting with a quantum computer later; the others are elliptic curves.
    internal static int[] Groups =>
    [
        NamedGroup.X25519MLKEM768,
        NamedGroup.x25519,
        NamedGroup.secp256r1,
        NamedGroup.secp384r1,
        NamedGroup.secp521r1,
    ];

    /// <summary>The <see cref="Groups"/> that take at most about a millisecond.</summary>
    internal static int[] QuickGroups => [NamedGroup.X25519MLKEM768, NamedGroup.x25519, NamedGroup.secp256r1];

    internal static int[] SignatureSchemes =>
    [
        SignatureScheme.ed25519,
        SignatureScheme.ecdsa_secp256r1_sha256,
        SignatureScheme.rsa_pss_rsae_sha256,
        SignatureScheme.rsa_pss_pss_sha256,
        SignatureScheme.ed448,
        SignatureScheme.ecdsa_secp384r1_sha384,
        SignatureScheme.rsa_pss_rsae_sha384,
        SignatureScheme.rsa_pss_pss_sha384,
        SignatureScheme.ecdsa_secp521r1_sha512,
        SignatureScheme.rsa_pss_rsae_sha512,
        SignatureScheme.rsa_pss_pss_sha512,
    ];

    private static int[] StrongCipherSuites => [CipherSuite.TLS_AES_256_GCM_SHA384, CipherSuite.TLS_CHACHA20_POLY1305_SHA256];

    private static int[] StrongGroups => [NamedGroup.X25519MLKEM768, NamedGroup.secp384r1, NamedGroup.secp521r1];

    private static int[] StrongSignatures =>
    [
        SignatureScheme.ed448,
        SignatureScheme.ecdsa_secp384r1_sha384,
        SignatureScheme.rsa_pss_rsae_sha384,
        SignatureScheme.rsa_pss_pss_sha384,
        SignatureScheme.ecdsa_secp521r1_sha512,
        SignatureScheme.rsa_pss_rsae_sha512,
        SignatureScheme.rsa_pss_pss_sha512,
    ];

    /// <summary>Finds an initial keyword; false if there is no such keyword.</summary>
    internal static bool TryFind(string keyword, out InitialPriority initial)
    {
        (initial, var known) = keyword switch
        {
            "NORMAL" or "PERFORMANCE" or "PFS" or "SECURE" or "SECURE128" or "LEGACY" =>
                (new InitialPriority(CipherSuites, Groups, SignatureSchemes, Tls13: true), true),
            "SECURE192" or "SECURE256" =>
                (new InitialPriority(StrongCipherSuites, StrongGroups, StrongSignatures, Tls13: true), true),
            // In GnuTLS these two mean TLS 1.2 until +VERS-TLS1.3 is added.
            "SUITEB128" => (new InitialPriority([CipherSuite.TLS_AES_128_GCM_SHA256], [NamedGroup.secp256r1, NamedGroup.secp384r1],
                [SignatureScheme.ecdsa_secp256r1_sha256, SignatureScheme.ecdsa_secp384r1_sha384], Tls13: false), true),
            "SUITEB192" => (new InitialPriority([CipherSuite.TLS_AES_256_GCM_SHA384], [NamedGroup.secp384r1],
                [SignatureScheme.ecdsa_secp384r1_sha384], Tls13: false), true),
            "NONE" => (new InitialPriority([], [], [], Tls13: false), true),
            _ => (default, false),
        };
        return known;
    }
}

/// <summary>What an initial keyword allows.</summary>
internal readonly record struct InitialPriority(int[] CipherSuites, int[] Groups, int[] SignatureSchemes, bool Tls13);
