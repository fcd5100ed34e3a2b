using System.Text;
using System.Text.RegularExpressions;

namespace Mandos.Interop;

/// <summary>What <c>strace -f -o</c> wrote.</summary>
internal static partial class StraceLog
{
    /// <summary>
    /// The calls in the order of their ends, each in one line: <c>PID call(arguments) = result</c>. strace cuts a call in two
    /// when another process makes one meanwhile.
    /// </summary>
    public static List<string> Calls(byte[] log)
    {
        var calls = new List<string>();
        var begun = new Dictionary<string, string>();
        foreach (var line in Encoding.UTF8.GetString(log).Split('\n'))
        {
            if (Unfinished().Match(line) is { Success: true } unfinished)
                begun[unfinished.Groups[1].Value] = unfinished.Groups[2].Value;
            else if (Resumed().Match(line) is { Success: true } resumed && begun.Remove(resumed.Groups[1].Value, out var beginning))
                calls.Add($"{resumed.Groups[1].Value} {beginning}{resumed.Groups[2].Value}");
            else
                calls.Add(line);
        }

        // What a process did not come back from.
        calls.AddRange(begun.Select(call => $"{call.Key} {call.Value}"));
        return calls;
    }

    [GeneratedRegex(@"^(\d+) +(.*) <unfinished \.\.\.>$")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^(\d+) +<\.\.\. \w+ resumed>(.*)$")]
    private static partial Regex Resumed();
}
