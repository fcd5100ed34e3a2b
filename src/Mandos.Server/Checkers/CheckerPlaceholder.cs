using System.Globalization;

namespace Mandos.Server.Checkers;

/// <summary>One conversion of Python's <c>%</c> operator in a checker's command.</summary>
/// <remarks>
/// <code>
///   %(attribute)  -+ #0   20     .3          l             s
///      key        flags   width  precision   no meaning    conversion
/// </code>
/// </remarks>
/// <param name="Text">The placeholder as written; if it is unterminated, up to the end of the command.</param>
/// <param name="Key">The text between the parentheses; null without them.</param>
/// <param name="AlignsLeft">The flag <c>-</c>; the others have no effect on texts.</param>
/// <param name="Width">The width in characters to pad to; -1 for none.</param>
/// <param name="Precision">The length in characters to cut to; -1 for none.</param>
/// <param name="Conversion">The letter; null if it is missing.</param>
internal sealed record CheckerPlaceholder(string Text, string? Key, bool AlignsLeft, int Width, int Precision, char? Conversion)
{
    private const string Flags = "-+ #0";
    private const string Digits = "0123456789";

    /// <summary>Reads the placeholder that begins at a percent sign.</summary>
    internal static CheckerPlaceholder Read(string command, int start)
    {
        var at = start + 1;
        if (!TrySkipKey(command, ref at, out var key))
            return new(command[start..], key, false, -1, -1, null);
        var flags = Take(command, ref at, Flags);
        var width = Number(Take(command, ref at, Digits), none: -1);
        var precision = -1;
        if (at < command.Length && command[at] == '.')
        {
            at++;
            precision = Number(Take(command, ref at, Digits), none: 0);
        }

        if (at < command.Length && command[at] is 'h' or 'l' or 'L')
            at++;
        char? conversion = at < command.Length ? command[at] : null;
        // A character of two code units must not be split in a message.
        var length = conversion is null ? 0 : char.IsSurrogatePair(command, at) ? 2 : 1;
        return new(command[start..(at + length)], key, flags.Contains('-', StringComparison.Ordinal), width, precision, conversion);
    }

    /// <summary>Skips the key, in which parentheses may be nested. False if the outer one is never closed.</summary>
    private static bool TrySkipKey(string command, ref int at, out string? key)
    {
        key = null;
        if (at >= command.Length || command[at] != '(')
            return true;
        var begin = at + 1;
        var depth = 0;
        for (; at < command.Length; at++)
        {
            depth += command[at] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth > 0)
                continue;
            key = command[begin..at++];
            return true;
        }

        return false;
    }

    private static string Take(string command, ref int at, string set)
    {
        var begin = at;
        while (at < command.Length && set.Contains(command[at], StringComparison.Ordinal))
            at++;
        return command[begin..at];
    }

    private static int Number(string digits, int none) =>
        digits.Length == 0
            ? none
            : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : int.MaxValue;
}
