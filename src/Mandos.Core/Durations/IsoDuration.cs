using System.Text;
using Mandos.Core.Text;

namespace Mandos.Core.Durations;

/// <summary>
/// Durations of RFC 3339 appendix A and ISO 8601: <c>P</c> followed either by weeks only, or by years, months and days, and after a
/// <c>T</c> by hours, minutes and seconds. Parts may be left out, but one is required; the last may have a fraction.
/// </summary>
/// <remarks>
/// <code>
///   P 1Y 2M 3D T 4H 5M 6.5S        P 7W        PT 1H 1S
/// </code>
/// Digits of any script and one final line end are accepted, as in upstream.
/// </remarks>
internal static class IsoDuration
{
    private const long Day = TimeSpan.TicksPerDay;

    private static readonly (char Letter, long Ticks)[] DateUnits = [('Y', 364 * Day), ('M', 28 * Day), ('D', Day)];
    private static readonly (char Letter, long Ticks)[] TimeUnits =
        [('H', TimeSpan.TicksPerHour), ('M', TimeSpan.TicksPerMinute), ('S', TimeSpan.TicksPerSecond)];
    private static readonly (char Letter, long Ticks)[] WeekUnit = [('W', 7 * Day)];

    /// <summary>
    /// Parses a duration; false if the text is not one. A result that is too large to represent is returned as a very large number.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<char> text, out Int128 ticks)
    {
        ticks = 0;
        if (text is [.., '\n'])
            text = text[..^1];
        if (text is not ['P', .. var rest])
            return false;
        var total = default(Total);
        if (rest is [.., 'W'])
        {
            if (!TryReadParts(rest, WeekUnit, ref total))
                return false;
        }
        else
        {
            var t = rest.IndexOf('T');
            var date = t < 0 ? rest : rest[..t];
            var time = t < 0 ? default : rest[(t + 1)..];
            if ((t >= 0 && time.IsEmpty) || !TryReadParts(date, DateUnits, ref total) || !TryReadParts(time, TimeUnits, ref total))
                return false;
        }

        ticks = total.Ticks;
        return total.Parts > 0;
    }

    private static bool TryReadParts(ReadOnlySpan<char> text, ReadOnlySpan<(char Letter, long Ticks)> units, ref Total total)
    {
        while (!text.IsEmpty)
        {
            var letter = text.IndexOfAnyInRange('A', 'Z');
            var unit = -1;
            for (var i = 0; letter >= 0 && i < units.Length; i++)
                unit = units[i].Letter == text[letter] ? i : unit;
            // A part after one with a fraction has no meaning.
            if (unit < 0 || total.HasFraction || !TryReadNumber(text[..letter], units[unit].Ticks, ref total))
                return false;
            units = units[(unit + 1)..];
            text = text[(letter + 1)..];
        }

        return true;
    }

    private static bool TryReadNumber(ReadOnlySpan<char> text, long unit, ref Total total)
    {
        Int128 whole = 0;
        Int128 fraction = 0;
        Int128 scale = 1;
        var digits = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var digit = PythonText.DigitValue(rune);
            if (digit < 0)
            {
                if (rune != new Rune('.') && rune != new Rune(',') || total.HasFraction || digits == 0)
                    return false;
                total.HasFraction = true;
                digits = 0;
                continue;
            }

            digits++;
            if (!total.HasFraction)
                whole = whole > long.MaxValue ? whole : whole * 10 + digit;
            else if (digits <= 12)
                (fraction, scale) = (fraction * 10 + digit, scale * 10);
        }

        // Ten ticks are a microsecond, the finest resolution of programs that read these files.
        var part = whole * unit + fraction * unit / scale / 10 * 10;
        total.Ticks = Int128.Min(total.Ticks + part, Int128.MaxValue / 4);
        total.Parts++;
        return digits > 0;
    }

    private struct Total
    {
        public Int128 Ticks;
        public int Parts;
        public bool HasFraction;
    }
}
