using System.Text.RegularExpressions;

namespace Mandos.Interop.Fleets;

/// <summary>What mandos-ctl prints about clients, in a form that two days can be compared by.</summary>
internal static partial class FleetListing
{
    /// <summary>The lines, times masked, the clients by name: the original tells them in an order of chance.</summary>
    public static IReadOnlyList<string> Lines(string text)
    {
        var lines = FleetTime.Masked(text).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines switch
        {
            ["Traceback (most recent call last):", ..] => ["a traceback"],
            ["{", .. var clients, "}"] => ["{", .. Sorted(clients), "}"],
            [var header, .. var rows] when header.StartsWith("Name ", StringComparison.Ordinal) =>
                [header, .. rows.Order(StringComparer.Ordinal)],
            _ => lines,
        };
    }

    /// <summary>JSON as it was printed, but for the order of the clients (and so of one comma).</summary>
    private static IEnumerable<string> Sorted(string[] lines)
    {
        var clients = Client().Matches(string.Join('\n', lines)).Select(m => m.Value.TrimEnd(',')).Order(StringComparer.Ordinal);
        return string.Join(",\n", clients).Split('\n');
    }

    [GeneratedRegex("^    \"[^\n]*: \\{\n.*?^    \\},?$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Client();
}
