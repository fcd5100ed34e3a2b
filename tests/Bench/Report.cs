using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Mandos.Bench;

/// <summary>The section of our client beside the original.</summary>
internal sealed partial class Report
{
    private readonly Table _table = new();

    /// <summary>Our client without and with hostile servers.</summary>
    public Table BesideHostile { get; } = new("without them", "with them");

    /// <inheritdoc cref="Table.Add(string, Median, Median, double, Func{double, string})"/>
    public void Add(string name, Median original, Median ours, double budget, Func<double, string> show) =>
        _table.Add(name, original, ours, budget, show);

    /// <inheritdoc cref="Table.Add(string, string, string, double, double, string)"/>
    public void Add(string name, string original, string ours, double value, double most, string budget) =>
        _table.Add(name, original, ours, value, most, budget);

    /// <inheritdoc cref="Table.Add(string, string, string)"/>
    public void Add(string name, string original, string ours) => _table.Add(name, original, ours);

    /// <summary>The whole section.</summary>
    public string Text(ProgramSize size, IReadOnlyDictionary<string, int> originals, IReadOnlyDictionary<string, int> ours) => Format($"""
        Both clients ran on the same machine, in the same network namespace, with the same keys, against the same server
        (Debian 12's, with its avahi-daemon), in turn, both from a file system in memory, as in an initramfs. Medians, in
        parentheses the least and the most. Time is from the start of the program to its end, with the right password on its
        standard output. {Machine()}

        {_table.Text()}

        In an initramfs the programs lie in memory already, whether they are mapped or not. What a run adds is the line
        "written": 1.2 MB of type data that our two processes share, the managed heap of each, and with RSA the big numbers of
        the parts that are no secret. Resident pages of the file itself count in each process (RSS) or once (PSS).

        Programs executed in one run: the original {Counts(originals)}; ours {Counts(ours)}.

        ### Beside hostile servers

        Our client, a good server, and three that it tries first, which shake hands and then send what carries no data for as long
        as it is taken. They run on the same processors, which counts against the client. The first line is what three more
        handshakes cost.

        {BesideHostile.Text()}

        ### What dominates the size

        | in the file | bytes |
        |---|---|
        {Parts(size.Sections)}

        {(size.Libraries.Count == 0 ? "" : $"""
        The machine code from C#, by library:

        | library | bytes |
        |---|---|
        {Parts(size.Libraries)}
        """)}
        """).TrimEnd() + "\n";

    /// <summary>A number with a point.</summary>
    public static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether a budget is kept.</summary>
    public static string Verdict(bool met) => met ? "met" : "**missed**";

    /// <summary>What the numbers were measured on.</summary>
    public static string Machine()
    {
        var processor = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1]
            .Trim();
        return Format(
            $"""
            Machine: {Environment.ProcessorCount} processors ({processor ?? "unknown"}), {RuntimeInformation.OSDescription}, {SystemCall()} ns
            for a system call.
            """);
    }

    /// <summary>
    /// The least time of getppid(2): on hardware a tenth of a microsecond, on some virtual machines more than one, which slows down a
    /// server that makes many of them.
    /// </summary>
    private static int SystemCall()
    {
        const int count = 100_000;
        var least = double.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
                _ = GetParent();
            least = Math.Min(least, Stopwatch.GetElapsedTime(began).TotalNanoseconds / count);
        }

        return (int)least;
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();

    private static string Counts(IReadOnlyDictionary<string, int> programs) =>
        Format($"{programs.Values.Sum()} ({string.Join(", ", programs.Select(p => $"{p.Key} {p.Value}"))})");

    private static string Parts(IReadOnlyList<KeyValuePair<string, long>> parts) =>
        string.Join('\n', parts.Select(p => Format($"| {p.Key} | {p.Value:N0} |")));
}
