using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>
/// Names in GnuTLS priority strings (see "Priority strings" in its manual) that correspond to something in TLS 1.3 with raw public keys, or
/// that have no effect there.
/// </summary>
internal static class PriorityNames
{
    /// <summary>Returns the TLS 1.3 schemes of a <c>SIGN-</c> name.</summary>
    internal static int[] SignatureSchemes(string name) => name switch
    {
        "SIGN-EDDSA-ED25519" => [SignatureScheme.ed25519],
        "SIGN-EDDSA-ED448" => [SignatureScheme.ed448],
        "SIGN-ECDSA-SHA256" or "SIGN-ECDSA-SECP256R1-SHA256" => [SignatureScheme.ecdsa_secp256r1_sha256],
        "SIGN-ECDSA-SHA384" or "SIGN-ECDSA-SECP384R1-SHA384" => [SignatureScheme.ecdsa_secp384r1_sha384],
        "SIGN-ECDSA-SHA512" or "SIGN-ECDSA-SECP521R1-SHA512" => [SignatureScheme.ecdsa_secp521r1_sha512],
        "SIGN-RSA-PSS-SHA256" => [SignatureScheme.rsa_pss_pss_sha256],
        "SIGN-RSA-PSS-SHA384" => [SignatureScheme.rsa_pss_pss_sha384],
        "SIGN-RSA-PSS-SHA512" => [SignatureScheme.rsa_pss_pss_sha512],
        "SIGN-RSA-PSS-RSAE-SHA256" => [SignatureScheme.rsa_pss_rsae_sha256],
        "SIGN-RSA-PSS-RSAE-SHA384" => [SignatureScheme.rsa_pss_rsae_sha384],
        "SIGN-RSA-PSS-RSAE-SHA512" => [SignatureScheme.rsa_pss_rsae_sha512],
        _ => [],
    };

    internal static bool IsOtherSignature(string name) =>
        name is "SIGN-RSA-SHA1" or "SIGN-RSA-SHA224" or "SIGN-RSA-SHA256" or "SIGN-RSA-SHA384" or "SIGN-RSA-SHA512" or "SIGN-RSA-MD5"
            or "SIGN-DSA-SHA1" or "SIGN-DSA-SHA224" or "SIGN-DSA-SHA256" or "SIGN-DSA-SHA384" or "SIGN-DSA-SHA512"
            or "SIGN-ECDSA-SHA1" or "SIGN-ECDSA-SHA224" or "SIGN-GOSTR341012-256" or "SIGN-GOSTR341012-512" or "SIGN-GOSTR341001";

    internal static bool IsOtherVersion(string name) =>
        name is "VERS-SSL3.0" or "VERS-TLS1.0" or "VERS-TLS1.1" or "VERS-TLS1.2"
            or "VERS-DTLS0.9" or "VERS-DTLS1.0" or "VERS-DTLS1.2" or "VERS-DTLS-ALL";

    internal static bool IsOtherCertificateType(string name) =>
        name is "CTYPE-X.509" or "CTYPE-X509" or "CTYPE-OPENPGP" or "CTYPE-SRV-X.509" or "CTYPE-SRV-X509"
            or "CTYPE-CLI-X.509" or "CTYPE-CLI-X509" or "CTYPE-CLI-RAWPK" or "CTYPE-CLI-ALL";

    internal static bool IsOtherGroup(string name) =>
        name is "GROUP-SECP192R1" or "GROUP-SECP224R1" or "GROUP-X448" or "GROUP-DH-ALL"
            or "GROUP-FFDHE2048" or "GROUP-FFDHE3072" or "GROUP-FFDHE4096" or "GROUP-FFDHE6144" or "GROUP-FFDHE8192"
            or "GROUP-GC256A" or "GROUP-GC256B" or "GROUP-GC256C" or "GROUP-GC256D" or "GROUP-GC512A" or "GROUP-GC512B" or "GROUP-GC512C"
            or "GROUP-SECP256R1-MLKEM768" or "GROUP-SECP384R1-MLKEM1024"
            or "CURVE-SECP192R1" or "CURVE-SECP224R1" or "CURVE-X448";

    internal static bool IsOtherCipher(string name) =>
        name is "AES-128-CBC" or "AES-192-CBC" or "AES-256-CBC" or "AES-256-CCM" or "AES-128-CCM-8" or "AES-256-CCM-8"
            or "CAMELLIA-128-CBC" or "CAMELLIA-192-CBC" or "CAMELLIA-256-CBC" or "CAMELLIA-128-GCM" or "CAMELLIA-256-GCM"
            or "3DES-CBC" or "ARCFOUR-128" or "ARCFOUR-40" or "GOST28147-TC26Z-CNT" or "NULL";

    internal static bool IsOtherMac(string name) =>
        name is "MD5" or "SHA1" or "SHA256" or "SHA384" or "SHA512" or "GOST28147-TC26Z-IMIT";

    internal static bool IsKeyExchange(string name) =>
        name is "KX-ALL" or "RSA" or "DHE-RSA" or "DHE-DSS" or "ECDHE-RSA" or "ECDHE-ECDSA" or "ANON-DH" or "ANON-ECDH" or "PSK"
            or "RSA-PSK"
            or "DHE-PSK" or "ECDHE-PSK" or "SRP" or "SRP-RSA" or "SRP-DSS" or "RSA-EXPORT" or "VKO-GOST-12";

    internal static bool IsCompression(string name) => name is "COMP-NULL" or "COMP-DEFLATE" or "COMP-ALL";

    internal static bool IsProfile(string name) =>
        name is "PROFILE_VERY_WEAK" or "PROFILE_LOW" or "PROFILE_LEGACY" or "PROFILE_MEDIUM" or "PROFILE_HIGH" or "PROFILE_ULTRA"
            or "PROFILE_FUTURE" or "PROFILE_SUITEB128" or "PROFILE_SUITEB192";

    internal static bool IsOption(string name) =>
        name is "COMPAT" or "DUMBFW" or "SERVER_PRECEDENCE" or "NO_TICKETS" or "NO_TICKETS_TLS12" or "NO_SESSION_HASH"
            or "FORCE_SESSION_HASH"
            or "NO_ETM" or "FORCE_ETM" or "NO_STATUS_REQUEST" or "NO_SHUFFLE_EXTENSIONS" or "DISABLE_TLS13_COMPAT_MODE"
            or "STATELESS_COMPRESSION" or "SSL3_RECORD_VERSION" or "LATEST_RECORD_VERSION" or "ALLOW_SMALL_RECORDS"
            or "DISABLE_WILDCARDS" or "DISABLE_SAFE_RENEGOTIATION" or "PARTIAL_RENEGOTIATION" or "SAFE_RENEGOTIATION"
            or "UNSAFE_RENEGOTIATION" or "FALLBACK_SCSV" or "VERIFY_ALLOW_SIGN_RSA_MD5" or "VERIFY_ALLOW_SIGN_WITH_SHA1"
            or "VERIFY_ALLOW_X509_V1_CA_CRT" or "VERIFY_DISABLE_CRL_CHECKS";
}
