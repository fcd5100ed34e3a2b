using CsCheck;
using Mandos.Server.Checkers;

namespace Mandos.Server.Tests.Checkers;

public sealed class CheckerOutputTests
{
    [Fact]
    public void Without_output_nothing_is_shown() => Assert.Equal("", new CheckerOutput().ToString());

    [Theory]
    [InlineData("a\n", ": a")]
    [InlineData("\n \n", "")]
    [InlineData("a\nb\n", ": a\\nb")]
    [InlineData("\u001b]0;title\a", ": \\u001b]0;title\\u0007")]
    public void The_output_is_shown_as_one_plain_line(string printed, string shown)
    {
        var output = new CheckerOutput();
        output.Add(System.Text.Encoding.UTF8.GetBytes(printed));

        Assert.Equal(shown, output.ToString());
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("\n \n", "")]
    [InlineData("one\ntwo\n \n", "two")]
    [InlineData("one\ntwo", "two")]
    [InlineData("100 %\r101 %\r", "101 %")]
    [InlineData("\u001b]0;title\a", "\\u001b]0;title\\u0007")]
    public void The_last_line_with_text_is_the_reason(string printed, string shown)
    {
        var output = new CheckerOutput();
        foreach (var character in printed)
            output.Add([(byte)character]);

        Assert.Equal(shown, output.LastLine);
    }

    [Theory]
    [InlineData("\n \n")]
    [InlineData("one\ntwo\r three\n \n", "one", "two", "three")]
    [InlineData("\u001b]0;title\a\nx\u2028y", "\\u001b]0;title\\u0007", "x\\u2028y")]
    public void Checker_output_is_returned_line_by_line_with_control_characters_escaped(string printed, params string[] lines)
    {
        var output = new CheckerOutput();
        output.Add(System.Text.Encoding.UTF8.GetBytes(printed));

        Assert.Equal(lines, output.Lines);
    }

    [Fact]
    public void The_printed_line_has_a_limit_and_every_byte_is_counted() =>
        Gen.Byte.Array[0, 5000].Array[0, 5].Sample(pieces =>
        {
            var output = new CheckerOutput();
            foreach (var piece in pieces)
                output.Add(piece);

            Assert.Equal(pieces.Sum(p => p.Length), output.Length);
            Assert.InRange(output.ToString().Length, 0, 2100);
            Assert.DoesNotContain(output.ToString(), char.IsControl);
            Assert.InRange(output.LastLine.Length, 0, 510);
            Assert.DoesNotContain(output.LastLine, char.IsControl);
            Assert.DoesNotContain(string.Concat(output.Lines), char.IsControl);
            Assert.InRange(output.Lines.Sum(l => l.Length), 0, 6 * CheckerOutput.MostKept + 600);
        });
}
