using System.Text.RegularExpressions;

namespace Mandos.Architecture.Tests;

/// <summary>No line of code has more than 140 columns, so that two files fit beside each other on a screen.</summary>
public sealed partial class LineLengthTests
{
    private const int Most = 140;

    /// <summary>A text that is longer is data, or an address that must not be broken.</summary>
    private const int LongText = 40;

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void No_line_is_too_long(string folder)
    {
        var all = Directory.EnumerateFiles(Path.Combine(Golden.Root, folder), "*.cs", SearchOption.AllDirectories);
        var sources = all.Where(IsOurs).ToList();
        Assert.True(sources.Count > 100, $"only {sources.Count} sources were found");
        var found = sources.SelectMany(file =>
            TooLong(File.ReadAllLines(file)).Select(line => $"{Path.GetRelativePath(Golden.Root, file)}:{line}"));
        Assert.Equal("", string.Join('\n', found));
    }

    [Fact]
    public void A_long_line_of_code_is_reported_but_a_long_text_is_not()
    {
        var code = "Call(" + string.Join(", ", Enumerable.Repeat("\"a\"", 40)) + ");";
        var text = $"var text = \"{new string('x', 200)}\";";
        Assert.Equal([2], TooLong(["short", code, text, "var raw = \"\"\"", new string('y', 200), "\"\"\";", "/* é */"]));
    }

    private static bool IsOurs(string path) => !path.Split('/').Any(part => part is "obj" or "bin");

    /// <summary>The numbers of lines that are too long.</summary>
    private static IEnumerable<int> TooLong(IReadOnlyList<string> lines)
    {
        var isRaw = false;
        for (var i = 0; i < lines.Count; i++)
        {
            var marks = RawMark().Count(lines[i]);
            if (!isRaw && marks % 2 == 0 && lines[i].Length > Most && !Text().Matches(lines[i]).Any(m => m.Length > LongText))
                yield return i + 1;
            isRaw ^= marks % 2 == 1;
        }
    }

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawMark();

    [GeneratedRegex("""(?<!["])"(?:[^"\\]|\\.)*"(?!["])""")]
    private static partial Regex Text();
}
