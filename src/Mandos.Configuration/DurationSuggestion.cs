using System.Globalization;

namespace Mandos.Configuration;

/// <summary>Suggests a valid form for a duration in colloquial form: <c>10 minutes</c>, <c>10</c>.</summary>
internal static class DurationSuggestion
{
    /// <summary>A unit is recognized by its first letter.</summary>
    private static readonly (string Before, string After)[] Units = [("PT", "S"), ("PT", "M"), ("PT", "H"), ("P", "D"), ("P", "W")];

    /// <summary>The duration in RFC 3339 form; null if the text is not a number with a unit.</summary>
    internal static string? Of(string text)
    {
        text = text.Trim();
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        if (digits is 0 or > 9)
            return null;
        var number = int.Parse(text[..digits], CultureInfo.InvariantCulture);
        var unit = text[digits..].Trim().ToUpperInvariant();
        if (unit.Length == 0)
            return string.Create(CultureInfo.InvariantCulture, $"PT{number}S for seconds, PT{number}M for minutes");
        if (!unit.All(char.IsAsciiLetter)
            || unit.StartsWith("MO", StringComparison.Ordinal)
            || unit.StartsWith("MS", StringComparison.Ordinal))
            return null;
        var (before, after) = Units.FirstOrDefault(u => unit.StartsWith(u.After, StringComparison.Ordinal));
        return after is null ? null : string.Create(CultureInfo.InvariantCulture, $"{before}{number}{after}");
    }
}
