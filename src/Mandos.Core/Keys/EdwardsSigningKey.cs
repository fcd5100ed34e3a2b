using Mandos.Core.Secrets;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Keys;

/// <summary>An Ed25519 or Ed448 key (RFC 8032, RFC 8410). The seed never leaves its buffer.</summary>
internal sealed class EdwardsSigningKey : TlsSigningKey
{
    private readonly SecretBuffer _seed;
    private readonly byte[] _publicKey;
    private readonly int _scheme;

    private EdwardsSigningKey(int scheme, byte[] publicKey, SecretBuffer seed)
    {
        _scheme = scheme;
        _publicKey = publicKey;
        _seed = seed;
        Schemes = [scheme];
    }

    internal override string Name => _scheme == SignatureScheme.ed25519 ? "Ed25519" : "Ed448";

    internal override IReadOnlyList<int> Schemes { get; }

    internal static EdwardsSigningKey Create(int scheme, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> privateKey)
    {
        var reader = new DerReader(privateKey);
        var seed = reader.Read(DerReader.OctetString);
        reader.End();
        Span<byte> derived = new byte[scheme == SignatureScheme.ed25519 ? Ed25519.PublicKeySize : Ed448.PublicKeySize];
        if (seed.Length != derived.Length)
            throw new KeyFormatException($"a private key of {seed.Length} bytes instead of {derived.Length}");
        if (scheme == SignatureScheme.ed25519)
            Ed25519.GeneratePublicKey(seed, derived);
        else
            Ed448.GeneratePublicKey(seed, derived);
        return derived.SequenceEqual(publicKey)
            ? new(scheme, publicKey.ToArray(), SecretBuffer.CopyOf(seed))
            : throw NotAPair();
    }

    internal override byte[] Sign(int scheme, ReadOnlySpan<byte> message)
    {
        var signature = new byte[_scheme == SignatureScheme.ed25519 ? Ed25519.SignatureSize : Ed448.SignatureSize];
        if (_scheme == SignatureScheme.ed25519)
            Ed25519.Sign(_seed.Span, pk: _publicKey.AsSpan(), message, signature);
        else
            Ed448.Sign(_seed.Span, _publicKey, [], message, signature);
        return signature;
    }

    public override void Dispose() => _seed.Dispose();
}
