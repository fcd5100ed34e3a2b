using Mandos.Core.Text;

namespace Mandos.Core.Tests.Text;

public sealed class PythonTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData(" +1_000\n", 1000)]
    [InlineData("-7", -7)]
    [InlineData("٣٤", 34)]
    [InlineData("𝟙𝟚", 12)]
    [InlineData("007", 7)]
    public void An_integer_is_parsed_as_Python_parses_it(string text, long value)
    {
        Assert.True(PythonText.TryParseInteger(text, out var read));
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("- 1")]
    [InlineData("1_")]
    [InlineData("_1")]
    [InlineData("1__1")]
    [InlineData("1.0")]
    [InlineData("0x10")]
    [InlineData("²")]
    [InlineData("99999999999999999999")]
    public void Other_texts_are_not_integers(string text) => Assert.False(PythonText.TryParseInteger(text, out _));

    [Theory]
    [InlineData("KEY_ID", "key_id")]
    [InlineData("İ", "i\u0307")]
    [InlineData("ΌΔΟΣ", "όδος")]
    [InlineData("ΣΑΣΑ", "σασα")]
    [InlineData("𐐀", "𐐨")]
    public void Lowercase_conversion_matches_Python(string text, string lower) => Assert.Equal(lower, PythonText.Lower(text));

    [Fact]
    public void White_space_is_the_same_as_in_Python()
    {
        Assert.Equal("a\u200bb", PythonText.Strip("\x1c\u3000 a\u200bb\x1f\u2028").ToString());
        Assert.Equal(["a", "b", "c"], PythonText.Words(" a\x1d\u00a0b\u2029c\n"));
    }
}
