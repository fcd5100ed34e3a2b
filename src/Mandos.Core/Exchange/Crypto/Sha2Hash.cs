using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Tls.Crypto;

namespace Mandos.Core.Exchange.Crypto;

/// <summary>SHA-256 and SHA-384, the two hashes of the TLS 1.3 cipher suites.</summary>
internal sealed class Sha2Hash : TlsHash
{
    private readonly IDigest _digest;

    internal Sha2Hash(int algorithm) => _digest = NewDigest(algorithm);

    private Sha2Hash(IDigest digest) => _digest = digest;

    internal static IDigest NewDigest(int algorithm) => algorithm switch
    {
        CryptoHashAlgorithm.sha256 => new Sha256Digest(),
        CryptoHashAlgorithm.sha384 => new Sha384Digest(),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    public void Update(byte[] input, int inOff, int length) => _digest.BlockUpdate(input, inOff, length);

    public void Update(ReadOnlySpan<byte> input) => _digest.BlockUpdate(input);

    public byte[] CalculateHash()
    {
        var hash = new byte[_digest.GetDigestSize()];
        _digest.DoFinal(hash, 0);
        return hash;
    }

    public TlsHash CloneHash() =>
        new Sha2Hash(_digest is Sha256Digest sha256 ? new Sha256Digest(sha256) : new Sha384Digest((Sha384Digest)_digest));

    public void Reset() => _digest.Reset();
}
