using Mandos.Core.Text;

namespace Mandos.Core.Durations;

/// <summary>
/// The format of old configuration files, <c>1d 12h</c>: words of an integer (Python's <c>int</c>, including a sign) and one of the letters
/// s, m, h, d, w, which are added up. No words mean zero.
/// </summary>
internal static class LegacyDuration
{
    internal static bool TryParse(ReadOnlySpan<char> text, out Int128 ticks)
    {
        ticks = 0;
        foreach (var word in PythonText.Words(text))
        {
            var unit = word[^1] switch
            {
                's' => TimeSpan.TicksPerSecond,
                'm' => TimeSpan.TicksPerMinute,
                'h' => TimeSpan.TicksPerHour,
                'd' => TimeSpan.TicksPerDay,
                'w' => 7 * TimeSpan.TicksPerDay,
                _ => 0,
            };
            if (unit == 0 || !PythonText.TryParseInteger(word.AsSpan(..^1), out var count))
                return false;
            ticks += (Int128)count * unit;
        }

        return true;
    }
}
