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
    public void A_slip_of_the_fingers_is_told_from_another_word(string name, string? meant) =>
        Assert.Equal(
            meant, SpellingHint.Of(name, ["port", "host", "key_id", "secret", "secfile", "timeout", "fingerprint", "approved_by_default"]));

    [Fact]
    public void Of_several_near_names_the_nearest_is_meant_and_of_equally_near_ones_the_first() =>
        Assert.Equal("secfile", SpellingHint.Of("secfilx", ["secfixy", "secfile", "secfily"]));
}
