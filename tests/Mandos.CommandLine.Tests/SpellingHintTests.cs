namespace Mandos.CommandLine.Tests;

public sealed class SpellingHintTests
{
    [Theory]
    [InlineData("prot", "port")]
    [InlineData("pot", "port")]
    [InlineData("keyid", "key_id")]
    [InlineData("key-id", "key_id")]
    [InlineData("secert", "secret")]
    [InlineData("aproved_by_defualt", "approved_by_default")]
    [InlineData("timout", "timeout")]
    [InlineData("ssh_fingerprint", null)]
    [InlineData("colour", null)]
    [InlineData("post", "port")]
    [InlineData("x", null)]
    public void A_typing_error_is_distinguished_from_another_word(string name, string? meant) =>
        Assert.Equal(
            meant, SpellingHint.Of(name, ["port", "host", "key_id", "secret", "secfile", "timeout", "fingerprint", "approved_by_default"]));

    [Fact]
    public void The_nearest_name_is_suggested_and_the_first_of_equally_near_ones() =>
        Assert.Equal("secfile", SpellingHint.Of("secfilx", ["secfixy", "secfile", "secfily"]));
}
