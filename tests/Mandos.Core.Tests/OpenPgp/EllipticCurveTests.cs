using System.Numerics;
using Mandos.Core.Arithmetic;
using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Messages;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Bcpg;

namespace Mandos.Core.Tests.OpenPgp;

public sealed class EllipticCurveTests
{
    private static readonly byte[] Password = "correct horse"u8.ToArray();

    public static TheoryData<string> Curves =>
        ["secp256r1", "secp384r1", "secp521r1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1", "secp256k1"];

    [Theory]
    [MemberData(nameof(Curves))]
    public void A_message_to_a_key_on_each_curve_decrypts_and_its_signature_is_verified(string curve)
    {
        var peer = BouncyCastlePeer.OnCurve(curve);
        using var keys = peer.SecretKeys;
        for (var i = 0; i < 3; i++)
        {
            var result = MessageReader.Read(
                peer.Encrypt(peer.Sign(Password, i == 0 ? HashAlgorithmTag.Sha256 : HashAlgorithmTag.Sha512)), keys, peer.PublicKeys);
            using var plaintext = result.Plaintext;
            Assert.True(result is { Outcome: MessageOutcome.Decrypted, Signature: SignatureState.Valid }, result.Detail);
            Assert.Equal(Password, plaintext!.Span.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void Curve_parameters_match_those_of_BouncyCastle(string name)
    {
        var theirs = ECNamedCurveTable.GetByName(name);
        var ours = EllipticCurve.Of(ECNamedCurveTable.GetOid(name).GetEncoded().AsSpan(2))!;
        string[] numbers =
        [
            theirs.Curve.Field.Characteristic.ToString(16), theirs.Curve.A.ToBigInteger().ToString(16),
            theirs.Curve.B.ToBigInteger().ToString(16),
            theirs.G.AffineXCoord.ToBigInteger().ToString(16), theirs.G.AffineYCoord.ToBigInteger().ToString(16), theirs.N.ToString(16),
        ];
        Assert.Equal(numbers.Select(Number), [
            BigNumber.Of(ours.Prime), BigNumber.Of(ours.A), BigNumber.Of(ours.B), BigNumber.Of(ours.GeneratorX),
            BigNumber.Of(ours.GeneratorY), BigNumber.Of(ours.Order),
        ]);
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void Point_multiplication_agrees_with_BouncyCastle(string name)
    {
        var theirs = ECNamedCurveTable.GetByName(name);
        var curve = EllipticCurve.Of(ECNamedCurveTable.GetOid(name).GetEncoded().AsSpan(2))!;
        var point = theirs.G.Multiply(new("123456789012345678901234567890", 10)).Normalize();
        foreach (var scalar
            in new[] { theirs.N.Subtract(new("2", 10)), new("1", 10), new("2", 10), new("3", 10),
                new("9876543210987654321098765432109876543210", 10) })
        {
            var octets = new byte[curve.Length];
            scalar.ToByteArrayUnsigned().CopyTo(octets, curve.Length - scalar.ToByteArrayUnsigned().Length);
            using var shared = SharedPoint.Of(curve, octets, point.GetEncoded(compressed: false));
            Assert.Equal(point.Multiply(scalar).Normalize().AffineXCoord.GetEncoded(), shared!.Span.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void A_point_that_is_not_on_the_curve_is_refused(string name)
    {
        var theirs = ECNamedCurveTable.GetByName(name);
        var curve = EllipticCurve.Of(ECNamedCurveTable.GetOid(name).GetEncoded().AsSpan(2))!;
        var good = theirs.G.GetEncoded(compressed: false);
        var scalar = new byte[curve.Length];
        scalar[^1] = 5;
        foreach (var i in new[] { 1, curve.Length, good.Length - 1 })
        {
            var beside = good.ToArray();
            beside[i] ^= 1;
            Assert.Null(SharedPoint.Of(curve, scalar, beside));
        }

        Assert.Null(SharedPoint.Of(curve, scalar, good.AsSpan(0, good.Length - 1)));
        Assert.Null(SharedPoint.Of(curve, scalar, [4, .. new byte[2 * curve.Length]]));
        Assert.Null(SharedPoint.Of(curve, new byte[curve.Length], good));
        using var fine = SharedPoint.Of(curve, scalar, good);
        Assert.NotNull(fine);
    }

    [Fact]
    public void A_changed_signature_is_invalid()
    {
        var curve = EllipticCurve.Of(ECNamedCurveTable.GetOid("secp256r1").GetEncoded().AsSpan(2))!;
        byte[] generator = [4, .. curve.GeneratorX, .. curve.GeneratorY];
        // With the secret key 1 and the random number 1: r is the generator's x, s = hash + r.
        var order = BigNumber.Of(curve.Order);
        var r = BigNumber.Of(curve.GeneratorX) % order;
        var hash = Enumerable.Repeat((byte)7, 32).ToArray();
        var s = (BigNumber.Of(hash) + r) % order;
        var check = new EcdsaCheck(curve);
        Assert.True(check.Verify(generator, r, s, hash));
        Assert.False(check.Verify(generator, r, s + 1, hash));
        Assert.False(check.Verify(generator, r + 1, s, hash));
        Assert.False(check.Verify(generator, r, s + order, hash));
        Assert.False(check.Verify(generator, 0, s, hash));
        Assert.False(check.Verify([4, .. curve.GeneratorX, .. curve.GeneratorX], r, s, hash));
        Assert.False(check.Verify(generator, r, s, new byte[32]));
    }

    private static BigInteger Number(string hex) =>
        BigInteger.Parse("0" + hex, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
}
