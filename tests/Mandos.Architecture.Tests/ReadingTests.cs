using System.Text.RegularExpressions;

namespace Mandos.Architecture.Tests;

/// <summary>The walks of docs/reading.md lead to files that exist.</summary>
public sealed partial class ReadingTests
{
    private static string Root { get; } = Golden.Root;

    [Fact]
    public void Every_path_in_the_reading_guide_exists()
    {
        var paths = Paths().ToList();
        // The three walks, and the three lists of what to add.
        Assert.True(paths.Count > 50, $"only {paths.Count} paths were found");
        Assert.All(paths, path => Assert.True(Path.Exists(Path.Combine(Root, path)), $"{path} does not exist"));
    }

    [Fact]
    public void Every_source_file_in_the_reading_guide_is_in_a_room_of_the_table()
    {
        var sources = Paths()
            .Where(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(sources);
        var allowed = AllowedReferences.Parse(File.ReadAllText(Path.Combine(Root, "ARCHITECTURE.md")));
        foreach (var source in sources)
        {
            var parts = source.Split('/')[1..^1];
            var room = parts.Length == 1 ? "(root)" : string.Join('.', parts[1..]);
            Assert.Contains(room, allowed.RoomsOf(parts[0]).Keys);
        }
    }

    private static IEnumerable<string> Paths() =>
        QuotedPath().Matches(File.ReadAllText(Path.Combine(Root, "docs", "reading.md"))).Select(match => match.Groups[1].Value);

    [GeneratedRegex("`((?:src|tests|docs|packaging|scripts|initramfs-hooks)/[^`]*)`")]
    private static partial Regex QuotedPath();
}
