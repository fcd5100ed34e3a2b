using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Keys;

/// <summary>An RSA key that signs with PSS. Its file stays as it is, in locked memory; numbers are made of it for each signature.</summary>
internal sealed class RsaSigningKey : TlsSigningKey
{
    /// <summary>Shorter keys cannot hold a PSS signature with SHA-512, and protect nothing.</summary>
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
        var outer = new DerReader(publicKey);
        var reader = outer.Enter(DerReader.Sequence);
        outer.End();
        var modulus = reader.ReadPositiveInteger();
        var exponent = reader.ReadPositiveInteger();
        reader.End();
        var bits = 8 * modulus.Length - byte.LeadingZeroCount(modulus[0]);
        if (bits is < MinimumBits or > MaximumBits)
            throw new KeyFormatException($"an RSA key of {bits} bits; from {MinimumBits} to {MaximumBits} are supported");
        var numbers = RsaNumbers.Parse(privateKey);
        if (!numbers.Modulus.SequenceEqual(modulus) || !numbers.Exponent.SequenceEqual(exponent))
            throw NotAPair();
        if (!numbers.ToOperation().IsConsistent)
            throw new KeyFormatException("the numbers of the RSA private key do not fit together");
        return new(pssOnly, bits, SecretBuffer.CopyOf(privateKey));
    }

    internal override byte[] Sign(int scheme, ReadOnlySpan<byte> message)
    {
        var encoded = PssEncoding.Encode(NewDigest(scheme), message, _modulusBits);
        var signature = new byte[(_modulusBits + 7) / 8];
        RsaNumbers.Parse(_privateKey.Span).ToOperation().Apply(encoded, signature);
        return signature;
    }

    public override void Dispose() => _privateKey.Dispose();

    private static IDigest NewDigest(int scheme) => scheme switch
    {
        SignatureScheme.rsa_pss_rsae_sha256 or SignatureScheme.rsa_pss_pss_sha256 => new Sha256Digest(),
        SignatureScheme.rsa_pss_rsae_sha384 or SignatureScheme.rsa_pss_pss_sha384 => new Sha384Digest(),
        _ => new Sha512Digest(),
    };

    /// <summary>Where the numbers lie in an RSAPrivateKey (RFC 8017, A.1.2).</summary>
    private readonly ref struct RsaNumbers
    {
        internal ReadOnlySpan<byte> Modulus { get; private init; }
        internal ReadOnlySpan<byte> Exponent { get; private init; }
        private ReadOnlySpan<byte> P { get; init; }
        private ReadOnlySpan<byte> Q { get; init; }
        private ReadOnlySpan<byte> DP { get; init; }
        private ReadOnlySpan<byte> DQ { get; init; }
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
            _ = reader.ReadPositiveInteger();
            var numbers = new RsaNumbers
            {
                Modulus = modulus,
                Exponent = exponent,
                P = reader.ReadPositiveInteger(),
                Q = reader.ReadPositiveInteger(),
                DP = reader.ReadPositiveInteger(),
                DQ = reader.ReadPositiveInteger(),
                QInverse = reader.ReadPositiveInteger(),
            };
            reader.End();
            return numbers;
        }

        internal RsaPrivateOperation ToOperation() => new(Modulus, Exponent, P, Q, DP, DQ, QInverse);
    }
}
