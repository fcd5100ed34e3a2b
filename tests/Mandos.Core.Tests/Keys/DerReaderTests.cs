using CsCheck;
using Mandos.Core.Keys;

namespace Mandos.Core.Tests.Keys;

public sealed class DerReaderTests
{
    [Fact]
    public void Any_bytes_are_a_key_or_refused_with_a_reason() =>
        Gen.Byte.Array[0, 60].Sample(AssertKeyOrRefused);

    [Fact]
    public void A_damaged_key_is_parsed_or_refused_with_a_reason()
    {
        var keys = File.ReadLines(Golden.Path("key_id-vectors.tsv")).Skip(1)
            .Select(line => Convert.FromHexString(line.Split('\t')[2])).ToArray();
        Gen.Select(Gen.Int[0, keys.Length - 1], Gen.Int[0, 40], Gen.Byte).Sample((which, at, value) =>
        {
            var damaged = (byte[])keys[which].Clone();
            damaged[at] = value;
            AssertKeyOrRefused(damaged);
        });
    }

    [Theory]
    [InlineData("3080", "the key's DER data has an invalid length")]
    [InlineData("308100", "the key's DER data has an invalid length")]
    [InlineData("30817f", "the key's DER data has an invalid length")]
    [InlineData("30820080", "the key's DER data has an invalid length")]
    [InlineData("3084ffffffff", "the key's DER data has an invalid length")]
    [InlineData("3083ffffff", "the key's DER data ends early")]
    [InlineData("3001", "the key's DER data ends early")]
    [InlineData("30", "the key's DER data ends early")]
    [InlineData("", "the key's DER data ends early")]
    [InlineData("0500", "the key's DER data has tag 05 instead of 30")]
    [InlineData("300000", "the key's DER data has 1 extra bytes")]
    public void Invalid_DER_is_refused(string hex, string message) => Assert.Equal(message,
        Assert.Throws<KeyFormatException>(() => PublicKeyRules.Check(Convert.FromHexString(hex), 4096)).Message);

    private static void AssertKeyOrRefused(byte[] bytes)
    {
        try
        {
            PublicKeyRules.Check(bytes, 4096);
        }
        catch (KeyFormatException e)
        {
            Assert.NotEmpty(e.Message);
        }
    }
}
