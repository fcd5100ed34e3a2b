using System.Globalization;
using System.Text.RegularExpressions;

namespace Mandos.Interop.Fleets;

/// <summary>
/// Times as they can be compared between two days: how far from now, and not closer than it matters on a busy machine.
/// The fleet's time-outs differ by more than this hides.
/// </summary>
internal static partial class FleetTime
{
    /// <summary>A time of the bus in words, seen at a moment (microseconds since 1970).</summary>
    public static string InWords(string time, long at)
    {
        var value = DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        var ahead = value - DateTimeOffset.UnixEpoch.AddMicroseconds(at);
        return ahead.TotalSeconds switch
        {
            <= 1 => "by now",
            <= 12 => "in some seconds",
            < 86400 => string.Create(CultureInfo.InvariantCulture, $"in {Math.Round(ahead.TotalMinutes)} min"),
            _ => "far away",
        };
    }

    /// <summary>Whether a text is a time of the bus: always with microseconds, without a zone.</summary>
    public static bool IsTime(string text) => Time().Match(text) is { Success: true } match && match.Length == text.Length;

    /// <summary>The text with every time in it made the same, as long as it was.</summary>
    public static string Masked(string text) => Time().Replace(text, "YYYY-MM-DDThh:mm:ss.uuuuuu");

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")]
    private static partial Regex Time();
}
