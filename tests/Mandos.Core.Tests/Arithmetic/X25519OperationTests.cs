using Mandos.Core.Arithmetic;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace Mandos.Core.Tests.Arithmetic;

public sealed class X25519OperationTests
{
    /// <summary>RFC 7748, 5.2; the second point has its highest bit set, which does not count.</summary>
    [Theory]
    [InlineData(
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")]
    [InlineData(
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")]
    public void The_examples_of_the_RFC_give_the_expected_results(string scalar, string point, string expected)
    {
        using var shared = X25519Operation.Agree(Convert.FromHexString(scalar), Convert.FromHexString(point));
        Assert.Equal(expected, Convert.ToHexStringLower(shared!.Span));
    }

    [Fact]
    public void X25519_results_match_those_of_BouncyCastle()
    {
        var random = new Random(1);
        for (var n = 0; n < 200; n++)
        {
            byte[] scalar = new byte[32], point = new byte[32], expected = new byte[32];
            random.NextBytes(scalar);
            random.NextBytes(point);
            Assert.True(X25519.CalculateAgreement(scalar, 0, point, 0, expected, 0));

            using var shared = X25519Operation.Agree(scalar, point);

            Assert.Equal(expected, shared!.Span.ToArray());
        }
    }

    /// <summary>Of small order: 0, 1, and p - 1, p, p + 1, of which the last two are no canonical numbers.</summary>
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    public void A_point_of_small_order_gives_no_shared_secret(string point)
    {
        var scalar = new byte[32];
        new Random(2).NextBytes(scalar);
        Assert.Null(X25519Operation.Agree(scalar, Convert.FromHexString(point)));
    }
}
