namespace Mandos.Bench;

/// <summary>docs/benchmarks.md: an introduction, then a section for each part, which writes its own anew and leaves the others.</summary>
internal static class Page
{
    private const string Introduction = """
        # Benchmarks

        Made by `make bench`, which writes this page. `scripts/bench.sh client`, `server`, `fleet`, `control`, `sizes` or `boots` writes that section
        alone; each run writes its own numbers.
        """;

    /// <summary>The heading of each part's section.</summary>
    public const string Client =
        "The client beside the original", Server = "The server beside the original", Fleet = "The server with many clients",
        Control = "The operator's tool with many clients", Sizes = "Bytes and files added to the initramfs", Boots = "Machines that boot";

    private static readonly string[] Order = [Client, Server, Fleet, Control, Sizes, Boots];

    /// <summary>The page with one section replaced, or added at its place.</summary>
    public static string With(string page, string heading, string section)
    {
        var text = Introduction + "\n";
        foreach (var each in Order)
        {
            if ((each == heading ? section.Trim() : Section(page, each)) is { Length: > 0 } body)
                text += $"\n## {each}\n\n{body}\n";
        }

        return text;
    }

    /// <summary>What stands below a heading up to the next of its rank; null if it is not there.</summary>
    private static string? Section(string page, string heading)
    {
        var lines = page.Split('\n');
        var start = Array.IndexOf(lines, $"## {heading}");
        return start < 0
            ? null
            : string.Join('\n', lines.Skip(start + 1).TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal))).Trim();
    }
}
