using Mandos.Control.Hosting;

namespace Mandos.Control.Actions;

/// <summary>Values on the command line.</summary>
internal static class Values
{
    /// <summary>Parses a duration: RFC 3339 or ISO 8601 (<c>PT5M</c>), the old format (<c>5m</c>), or nothing, which is zero.</summary>
    /// <param name="text">The value.</param>
    /// <param name="place">Where it stands, for the message.</param>
    /// <exception cref="UsageError">It is not a duration.</exception>
    internal static TimeSpan Duration(string text, string place) =>
        Mandos.Core.Durations.Duration.TryParse(text, out var duration, out var error)
            ? duration.Value
            : throw new UsageError($"{place}: {error}; a duration is for example PT5M (five minutes) or P1DT12H (a day and a half)");

    /// <summary>Parses a duration; <c>min</c> may stand for the <c>m</c> of the old format: <c>10min</c>.</summary>
    /// <exception cref="UsageError">It is not a duration.</exception>
    internal static TimeSpan Span(string text, string place) => Duration(text.Replace("min", "m", StringComparison.Ordinal), place);

    /// <summary>Parses a boolean as clients.conf has it.</summary>
    /// <exception cref="UsageError">It is not one.</exception>
    internal static bool Boolean(string text, string place) => text.ToLowerInvariant() switch
    {
        "1" or "yes" or "true" or "on" => true,
        "0" or "no" or "false" or "off" => false,
        _ => throw new UsageError($"{place}: '{text}' is not yes or no"),
    };
}
