using System.Text;
using CsCheck;
using Mandos.Client.Runner;

namespace Mandos.Client.Tests.Runner;

public sealed class ConfigWordsTests
{
    private static readonly Gen<string> Word = Gen.String[Gen.Char["abc-=:,é\"'\\$"], 1, 6];

    private static readonly string[] Between = [" ", "\t", "\v", "\f", "\r", "\n", "  ", "\r\n", " # said b:c\n", "#x\n"];

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("\n\n  \t\n", new string[0])]
    [InlineData("--debug", new[] { "--debug" })]
    [InlineData("--debug\n", new[] { "--debug" })]
    [InlineData("# all of it\n--debug # this, too\n#", new[] { "--debug" })]
    [InlineData("--options-for=a:--q#x --r\n--s", new[] { "--options-for=a:--q", "--s" })]
    [InlineData("a b\tc\vd\fe\r\nf", new[] { "a", "b", "c", "d", "e", "f" })]
    [InlineData("a\0b c\nd", new[] { "a", "d" })]
    [InlineData("#\0 a\nb", new[] { "b" })]
    [InlineData("\"a b\" 'c' \\# d", new[] { "\"a", "b\"", "'c'", "\\" })]
    [InlineData("--global-options=\u00e5\u00e4\u00f6", new[] { "--global-options=\u00e5\u00e4\u00f6" })]
    public void The_file_is_read_as_the_original_reads_it(string text, string[] expected) => Assert.Equal(expected, Read(text));

    [Fact]
    public void Words_are_read_back_whatever_white_space_and_comments_separate_them() =>
        Gen.Select(Word.Array, Gen.Int[0, Between.Length - 1].Array[32], Gen.Bool).Sample((words, between, last) =>
        {
            var text = new StringBuilder();
            for (var i = 0; i < words.Length; i++)
                text.Append(words[i]).Append(i < words.Length - 1 || last ? Between[between[i % between.Length]] : "");
            Assert.Equal(words, Read(text.ToString()));
        });

    [Fact]
    public void No_input_gives_a_word_that_is_empty_or_contains_a_separator() => Gen.Byte.Array.Sample(bytes =>
    {
        foreach (var word in ConfigWords.Read(bytes))
        {
            Assert.NotEmpty(word);
            Assert.DoesNotContain(word, character => character is ' ' or (>= '\t' and <= '\r') or '#' or '\0');
        }
    });

    [Fact]
    public void Each_line_is_read_separately() =>
        Gen.Select(Gen.String[Gen.Char["ab# \t\0"], 0, 12], Gen.String[Gen.Char["ab# \t\0"], 0, 12]).Sample((one, other) =>
        Assert.Equal([.. Read(one), .. Read(other)], Read($"{one}\n{other}")));

    private static IReadOnlyList<string> Read(string text) => ConfigWords.Read(Encoding.UTF8.GetBytes(text));
}
