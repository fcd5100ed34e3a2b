using CsCheck;
using Mandos.Core.Exchange;
using Mandos.Core.Exchange.Crypto;
using Mandos.Core.Keys;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Mandos.Core.Tests.Exchange;

/// <summary>The key exchange of the boot side against BouncyCastle's whole one, and against shares that are none.</summary>
public sealed class KeyExchangeTests
{
    public static TheoryData<int> Groups { get; } = [NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1, NamedGroup.secp521r1];

    [Theory]
    [MemberData(nameof(Groups))]
    public void Both_sides_get_the_same_secret(int group) => Gen.Const(0).Sample(_ =>
    {
        var ours = new SlimTlsCrypto().CreateECDomain(new TlsECConfig(group)).CreateECDH();
        var theirs = new BcTlsCrypto().CreateECDomain(new TlsECConfig(group)).CreateECDH();
        AssertAgree(ours, theirs);
    }, iter: 20);

    [Fact]
    public void Both_sides_get_the_same_post_quantum_secret() => Gen.Const(0).Sample(_ =>
    {
        var ours = new SlimTlsCrypto().CreateKemDomain(new TlsKemConfig(NamedGroup.MLKEM768, isServer: true)).CreateKem();
        var theirs = new BcTlsCrypto().CreateKemDomain(new TlsKemConfig(NamedGroup.MLKEM768, isServer: false)).CreateKem();
        AssertAgree(ours, theirs);
    }, iter: 20);

    [Theory]
    [InlineData("P256", "secp256r1")]
    [InlineData("P384", "secp384r1")]
    [InlineData("P521", "secp521r1")]
    public void The_curve_parameters_match_BouncyCastles_tables(string ours, string theirs)
    {
        var domain = NistCurve.Create(Enum.Parse<NistCurveName>(ours));
        var table = CustomNamedCurves.GetByName(theirs);
        Assert.Equal(table.Curve, domain.Curve);
        Assert.Equal(table.N, domain.N);
        Assert.Equal(table.H, domain.H);
        Assert.Equal(table.G.GetEncoded(), domain.G.GetEncoded());
        Assert.Same(table.Curve.GetType(), domain.Curve.GetType());
    }

    [Theory]
    [InlineData(NamedGroup.secp256r1, 65)]
    [InlineData(NamedGroup.secp384r1, 97)]
    [InlineData(NamedGroup.secp521r1, 133)]
    public void An_invalid_point_is_refused(int group, int length)
    {
        var off = new byte[length];
        off[0] = 4;
        off[^1] = 1;
        AssertRefused(group, off);
        AssertRefused(group, []);
        AssertRefused(group, [0]);
        AssertRefused(group, new byte[length]);
        var compressed = new BcTlsCrypto().CreateECDomain(new TlsECConfig(group)).CreateECDH().GenerateEphemeral()[..(1 + length / 2)];
        compressed[0] = 2;
        AssertRefused(group, compressed);
    }

    [Fact]
    public void An_X25519_share_of_the_wrong_length_is_refused()
    {
        AssertRefused(NamedGroup.x25519, new byte[31]);
        AssertRefused(NamedGroup.x25519, new byte[33]);
    }

    [Fact]
    public void An_X25519_share_that_gives_a_zero_secret_is_refused()
    {
        var ours = new SlimTlsCrypto().CreateECDomain(new TlsECConfig(NamedGroup.x25519)).CreateECDH();
        ours.ReceivePeerValue(new byte[32]);
        ours.GenerateEphemeral();
        Assert.Equal(AlertDescription.illegal_parameter, Assert.Throws<TlsFatalAlert>(ours.CalculateSecret).AlertDescription);
    }

    [Theory]
    [InlineData(1183, 0)]
    [InlineData(1185, 0)]
    [InlineData(1184, 0xFF)]
    public void An_invalid_post_quantum_key_share_is_refused(int length, byte filling)
    {
        var share = new byte[length];
        share.AsSpan().Fill(filling);
        var ours = new SlimTlsCrypto().CreateKemDomain(new TlsKemConfig(NamedGroup.MLKEM768, isServer: true)).CreateKem();
        Assert.Equal(AlertDescription.illegal_parameter,
            Assert.Throws<TlsFatalAlert>(() => ours.ReceivePeerValue(share)).AlertDescription);
    }

    [Theory]
    [InlineData(NamedGroup.secp256r1)]
    [InlineData(NamedGroup.secp384r1)]
    [InlineData(NamedGroup.secp521r1)]
    public void The_server_refuses_every_other_form_of_a_point(int group)
    {
        var whole = new BcTlsCrypto().CreateECDomain(new TlsECConfig(group)).CreateECDH().GenerateEphemeral();
        var x = whole[1..(1 + whole.Length / 2)];
        var sign = (byte)(whole[^1] & 1);
        NewOfServer().ReceivePeerValue(whole);
        foreach (var other in (byte[][])[[(byte)(2 + sign), .. x], [(byte)(6 + sign), .. whole[1..]], [0], [], whole[..^1], [.. whole, 0]])
        {
            Assert.Equal(AlertDescription.illegal_parameter,
                Assert.Throws<TlsFatalAlert>(() => NewOfServer().ReceivePeerValue(other)).AlertDescription);
        }

        TlsAgreement NewOfServer() => new RawPublicKeyTlsClientCrypto(4096).CreateECDomain(new TlsECConfig(group)).CreateECDH();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1087)]
    [InlineData(1089)]
    [InlineData(1184)]
    public void The_server_refuses_a_post_quantum_answer_of_the_wrong_length(int length)
    {
        var kem = new RawPublicKeyTlsClientCrypto(4096).CreateKemDomain(new TlsKemConfig(NamedGroup.MLKEM768, isServer: false)).CreateKem();
        kem.GenerateEphemeral();

        Assert.Equal(AlertDescription.illegal_parameter,
            Assert.Throws<TlsFatalAlert>(() => kem.ReceivePeerValue(new byte[length])).AlertDescription);
    }

    private static void AssertAgree(TlsAgreement server, TlsAgreement client)
    {
        server.ReceivePeerValue(client.GenerateEphemeral());
        client.ReceivePeerValue(server.GenerateEphemeral());
        Assert.Equal(client.CalculateSecret().Extract(), server.CalculateSecret().Extract());
    }

    private static void AssertRefused(int group, byte[] share)
    {
        var ours = new SlimTlsCrypto().CreateECDomain(new TlsECConfig(group)).CreateECDH();
        Assert.Equal(AlertDescription.illegal_parameter,
            Assert.Throws<TlsFatalAlert>(() => ours.ReceivePeerValue(share)).AlertDescription);
    }
}
