using System.Text;
using CsCheck;
using Mandos.Bus.Messages;

namespace Mandos.Bus.Tests;

/// <summary>Which text D-Bus carries, and what stands in for the rest; a real bus decides in <see cref="MessageTests"/>.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("åäö")]
    [InlineData("a pair: 😀")]
    [InlineData("\ufffd")]
    [InlineData("\u0001\t\n\u007f")]
    [InlineData("\ufdcf\ufdf0\ufffc")]
    public void Text_that_D_Bus_can_carry_is_unchanged(string text) => Assert.Equal(text, BusText.Carried(text));

    [Theory]
    [InlineData("a\0b", "a\ufffdb")]
    [InlineData("\ufdd0", "\ufffd")]
    [InlineData("\ufdef", "\ufffd")]
    [InlineData("\ufffe\uffff", "\ufffd\ufffd")]
    [InlineData("x\U0001fffe", "x\ufffd")]
    [InlineData("\U0010ffffy", "\ufffdy")]
    public void A_character_that_D_Bus_cannot_carry_is_replaced(string text, string carried) =>
        Assert.Equal(carried, BusText.Carried(text));

    [Fact]
    public void Unpaired_surrogates_are_replaced_anywhere_in_the_text()
    {
        Assert.Equal("\ufffd", BusText.Carried("\ud83d"));
        Assert.Equal("\ufffd", BusText.Carried("\ude00"));
        Assert.Equal("a\ufffdb", BusText.Carried("a\ud83db"));
        Assert.Equal("\ufffd\ufffd", BusText.Carried("\ude00\ud83d"));
    }

    [Fact]
    public void Carried_text_is_valid_UTF_8_without_NUL_and_does_not_change_again() => Gen.String[Gen.Char, 0, 30].Sample(text =>
    {
        var carried = BusText.Carried(text);
        Assert.Equal(
            carried,
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(
                new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(carried)));
        Assert.DoesNotContain('\0', carried);
        Assert.Equal(carried, BusText.Carried(carried));
        Assert.Equal(text.EnumerateRunes().Count(), carried.EnumerateRunes().Count());
    });

    [Theory]
    [InlineData("type='signal'", null, null, null, null, null)]
    [InlineData("type='signal',sender=':1.5'", ":1.5", null, null, null, null)]
    [InlineData("type='signal',path='/a',interface='test.I',member='M',arg0='x'", null, "/a", "test.I", "M", "x")]
    [InlineData(@"type='signal',arg0='it'\''s'", null, null, null, null, "it's")]
    public void A_match_is_written_as_a_match_rule_of_the_specification(
        string rule, string? sender, string? path, string? @interface, string? member, string? first) =>
        Assert.Equal(
            rule, new BusMatch { Sender = sender, Path = path, Interface = @interface, Member = member, FirstArgument = first }.ToRule());
}
