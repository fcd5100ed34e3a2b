using System.Globalization;

namespace Mandos.Client.CommandLine;

/// <summary>A number of seconds, possibly with a fraction, for <c>--delay</c> and <c>--retry</c>.</summary>
internal static class Seconds
{
    /// <summary>Upstream counts milliseconds in a C int.</summary>
    private const double Largest = int.MaxValue / 1000.0;

    /// <summary>Parses a decimal number that is not negative.</summary>
    internal static bool TryParse(string text, out TimeSpan seconds)
    {
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        seconds = default;
        if (!double.TryParse(text, style, CultureInfo.InvariantCulture, out var value) || !(value >= 0 && value <= Largest))
            return false;
        seconds = TimeSpan.FromSeconds(value);
        return true;
    }
}
