using Mandos.Core.Arithmetic;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Keys;

/// <summary>An RSA key that signs with PSS. Its file stays unchanged in locked memory; numbers are extracted for each signature.</summary>
internal sealed class RsaSigningKey : TlsSigningKey
{
    /// <summary>Shorter keys cannot contain a PSS signature with SHA-512, and are insecure.</summary>
    private const int MinimumBits = 2048;

    private const int MaximumBits = 16384;

    private readonly bool _pssOnly;
    private readonly int _modulusBits;
    private readonly SecretBuffer _privateKey;

    private RsaSigningKey(bool pssOnly, int modulusBits, SecretBuffer privateKey)
    {
        _pssOnly = pssOnly;
        _modulusBits = modulusBits;
        _privateKey = privateKey;
        Schemes = pssOnly
            ? [SignatureScheme.rsa_pss_pss_sha256, SignatureScheme.rsa_pss_pss_sha384, SignatureScheme.rsa_pss_pss_sha512]
            : [SignatureScheme.rsa_pss_rsae_sha256, SignatureScheme.rsa_pss_rsae_sha384, SignatureScheme.rsa_pss_rsae_sha512];
    }

    internal override string Name => _pssOnly ? $"RSA-PSS-{_modulusBits}" : $"RSA-{_modulusBits}";

    internal override IReadOnlyList<int> Schemes { get; }

    internal static RsaSigningKey Create(bool pssOnly, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> privateKey)
    {
        PublicKeyRules.ReadRsa(publicKey, out var modulus, out var exponent);
        var bits = 8 * modulus.Length - byte.LeadingZeroCount(modulus[0]);
        if (bits is < MinimumBits or > MaximumBits)
            throw new KeyFormatException($"an RSA key of {bits} bits; {MinimumBits} to {MaximumBits} are supported");
        var numbers = RsaNumbers.Parse(privateKey);
        if (!numbers.Modulus.SequenceEqual(modulus) || !numbers.Exponent.SequenceEqual(exponent))
            throw NotAPair();
        if (!RsaPrivateOperation.IsConsistent(numbers.ToKey()) || !RsaPrivateOperation.ExponentsMatch(numbers.ToKey()))
            throw new KeyFormatException("the numbers of the RSA private key do not match");
        return new(pssOnly, bits, SecretBuffer.CopyOf(privateKey));
    }

    /// <exception cref="InvalidOperationException">The result does not verify with the public key because memory is damaged.</exception>
    internal override byte[] Sign(int scheme, ReadOnlySpan<byte> message)
    {
        var encoded = PssEncoding.Encode(NewDigest(scheme), message, _modulusBits);
        using var signed = RsaPrivateOperation.Run(encoded, RsaNumbers.Parse(_privateKey.Span).ToKey())
            ?? throw new InvalidOperationException("the RSA signature is wrong");
        return signed.Span.ToArray();
    }

    public override void Dispose() => _privateKey.Dispose();

    private static IDigest NewDigest(int scheme) => scheme switch
    {
        SignatureScheme.rsa_pss_rsae_sha256 or SignatureScheme.rsa_pss_pss_sha256 => new Sha256Digest(),
        SignatureScheme.rsa_pss_rsae_sha384 or SignatureScheme.rsa_pss_pss_sha384 => new Sha384Digest(),
        _ => new Sha512Digest(),
    };

    /// <summary>The positions of the numbers in an RSAPrivateKey (RFC 8017, A.1.2).</summary>
    private readonly ref struct RsaNumbers
    {
        internal ReadOnlySpan<byte> Modulus { get; private init; }
        internal ReadOnlySpan<byte> Exponent { get; private init; }
        private ReadOnlySpan<byte> PrivateExponent { get; init; }
        private ReadOnlySpan<byte> P { get; init; }
        private ReadOnlySpan<byte> Q { get; init; }
        private ReadOnlySpan<byte> QInverse { get; init; }

        internal static RsaNumbers Parse(ReadOnlySpan<byte> der)
        {
            var outer = new DerReader(der);
            var reader = outer.Enter(DerReader.Sequence);
            outer.End();
            if (reader.Read(DerReader.Integer) is not [0])
                throw new KeyFormatException("an RSA private key of more than two primes or of an unknown version");
            var modulus = reader.ReadPositiveInteger();
            var exponent = reader.ReadPositiveInteger();
            var privateExponent = reader.ReadPositiveInteger();
            var p = reader.ReadPositiveInteger();
            var q = reader.ReadPositiveInteger();
            // The exponents for each prime follow from the private one.
            _ = reader.ReadPositiveInteger();
            _ = reader.ReadPositiveInteger();
            var inverse = reader.ReadPositiveInteger();
            reader.End();
            return new()
            {
                Modulus = modulus,
                Exponent = exponent,
                PrivateExponent = privateExponent,
                P = p,
                Q = q,
                QInverse = inverse,
            };
        }

        /// <summary>OpenPGP uses 1/p mod q, this file contains 1/q mod p: the primes are exchanged.</summary>
        internal RsaPrivateOperation.Numbers ToKey() => new()
        {
            Modulus = Modulus,
            PublicExponent = Exponent,
            PrivateExponent = PrivateExponent,
            P = Q,
            Q = P,
            U = QInverse,
        };
    }
}
