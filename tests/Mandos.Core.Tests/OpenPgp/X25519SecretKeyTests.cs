using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Packets;
using Org.BouncyCastle.Crypto.Agreement;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;

namespace Mandos.Core.Tests.OpenPgp;

/// <summary>Session keys for an X25519 key (RFC 9580 section 5.1.6), made with BouncyCastle.</summary>
public sealed class X25519SecretKeyTests
{
    private static readonly X25519PrivateKeyParameters Own = new(new SecureRandom());

    [Theory]
    [InlineData(9, 32, true)]
    [InlineData(7, 16, true)]
    [InlineData(3, 16, true)]
    // The cipher is outside what is encrypted, so anyone who knows the public key may name another.
    [InlineData(9, 40, false)]
    [InlineData(9, 16, false)]
    [InlineData(3, 24, false)]
    [InlineData(7, 32, false)]
    public void A_session_key_has_the_length_that_its_cipher_needs(byte cipher, int length, bool expected)
    {
        using var key = Key();
        var body = Packet(cipher, new byte[length]);
        Assert.True(SessionKeyPacket.TryParse(body, out var packet));
        using var session = key.Unwrap(packet);
        Assert.Equal(expected, session is not null);
    }

    private static DecryptionKey Key()
    {
        byte[] packet = [4, 0, 0, 0, 0, 25, .. Own.GeneratePublicKey().GetEncoded(), .. Own.GetEncoded()];
        var fields = new FieldReader(packet);
        var key = PublicKeyPacket.Read(ref fields)!;
        return X25519SecretKey.Read(key, ref fields)!;
    }

    /// <summary>version | key ID, hidden | algorithm | ephemeral key | length | cipher | wrapped key</summary>
    private static byte[] Packet(byte cipher, byte[] session)
    {
        var ephemeral = new X25519PrivateKeyParameters(new SecureRandom());
        var (sent, own) = (ephemeral.GeneratePublicKey(), Own.GeneratePublicKey());
        var agreement = new X25519Agreement();
        agreement.Init(ephemeral);
        var shared = new byte[agreement.AgreementSize];
        agreement.CalculateAgreement(own, shared, 0);
        var hkdf = new HkdfBytesGenerator(new Sha256Digest());
        hkdf.Init(new HkdfParameters([.. sent.GetEncoded(), .. own.GetEncoded(), .. shared], null, "OpenPGP X25519"u8.ToArray()));
        var wrapping = new byte[16];
        hkdf.GenerateBytes(wrapping, 0, wrapping.Length);
        var engine = new AesWrapEngine();
        engine.Init(forWrapping: true, new KeyParameter(wrapping));
        var wrapped = engine.Wrap(session, 0, session.Length);
        return [3, .. new byte[8], 25, .. sent.GetEncoded(), (byte)(1 + wrapped.Length), cipher, .. wrapped];
    }
}
