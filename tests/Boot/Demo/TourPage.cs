using System.Text;
using System.Text.RegularExpressions;

namespace Mandos.Boot.Demo;

/// <summary>docs/tour.md: a session with its real output.</summary>
internal static partial class TourPage
{
    /// <summary>What is real, and what is simplified.</summary>
    public const string Surroundings =
        "Two fresh Debian 13 machines, joined by a network cable. They are chroots in namespaces of this computer, and have no init: "
            + "services are started by their scripts, and the system log is a file. The disk of the client is a file with a real LUKS2 "
            + "header. When the client boots, QEMU runs Debian's kernel with that disk and with the image that update-initramfs built. "
            + "The root file system on the disk is small: it reports what it finds and turns the machine off.";

    private const string Begin = "# A tour: from nothing to a machine that reboots unattended\n\n"
        + "`make tour` writes this page and its pictures from a session that really takes place, and a test compares it with a fresh one. "
        + "Keys, addresses, times, sizes and versions differ from session to session. `make demo` shows the same session on your "
        + "terminal.\n\n";

    private const int Columns = 128;

    /// <summary>Writes the page.</summary>
    public static Task WriteAsync(string folder, IReadOnlyList<Part> parts, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var text = new StringBuilder(Wrap(Begin));
        foreach (var part in parts)
        {
            text.Append(part switch
            {
                Part.Heading heading => $"## {heading.Text}\n\n",
                Part.Prose prose => $"{Wrap(prose.Text)}\n\n",
                Part.Picture picture => $"![{picture.Alternative}]({picture.File})\n\n",
                Part.Terminal terminal => $"```text\n{string.Join('\n', WithCommand(terminal))}\n```\n\n",
                _ => throw new InvalidOperationException($"{part}"),
            });
        }

        return File.WriteAllTextAsync(Path.Combine(folder, "tour.md"), text.ToString().TrimEnd('\n') + "\n", cancellationToken);
    }

    /// <summary>What of a page is the same in each session: in its order all but output, and the lines of each output once.</summary>
    public static IReadOnlyList<string> Stable(string page)
    {
        var stable = new List<string>();
        var output = new SortedSet<string>(StringComparer.Ordinal);
        var isOutput = false;
        foreach (var line in page.Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                isOutput = !isOutput;
                stable.AddRange(output);
                output.Clear();
            }
            else if (!isOutput || Prompt().IsMatch(line))
            {
                stable.Add(line);
            }
            else if (Mask(line) is { Length: > 0 } masked)
            {
                output.Add(masked);
            }
        }

        return stable;
    }

    /// <summary>A line of output without what differs.</summary>
    private static string Mask(string line)
    {
        // The console of a slow machine also has what the client reports while it waits.
        var masked = Waiting().Replace(line, "");
        masked = Address().Replace(masked, "ADDRESS");
        masked = Key().Replace(masked, "KEY");
        masked = Duration().Replace(masked, "TIME");
        masked = Digits().Replace(masked, "0");
        return Spaces().Replace(masked, " ").Trim();
    }

    private static IEnumerable<string> WithCommand(Part.Terminal terminal) =>
        terminal.Command.Length > 0 ? terminal.Lines.Prepend(terminal.Command) : terminal.Lines;

    private static string Wrap(string text) =>
        string.Join("\n\n", text.Split("\n\n").Select(paragraph => string.Join('\n', Recording.Wrap(paragraph, Columns))));

    [GeneratedRegex("^(client|server|stranger)# ")]
    private static partial Regex Prompt();

    [GeneratedRegex("(plugin-runner|mandos-client): .*$")]
    private static partial Regex Waiting();

    [GeneratedRegex(@"(\[fe80::[0-9a-f:]+%\d+\]|10\.9\.0\.\d+)(:\d+)?|fe80::[0-9a-f:]+%\d+")]
    private static partial Regex Address();

    [GeneratedRegex("[0-9A-Fa-f]{32,}")]
    private static partial Regex Key();

    [GeneratedRegex(@"\d+:\d\d:\d\d|(\d+ (d|h|min|s) ?)+\b")]
    private static partial Regex Duration();

    [GeneratedRegex(@"\d+([.,]\d+)*")]
    private static partial Regex Digits();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
