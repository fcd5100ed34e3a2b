using System.Globalization;
using System.Text;

namespace Mandos.Core.Text;

/// <summary>
/// White space, lower case and integers as in Python 3: the configuration files have always been read by Python, and their meaning must not
/// change with the implementation.
/// </summary>
public static class PythonText
{
    private const char CapitalSigma = 'Σ';

    /// <summary>White space for <c>str.isspace</c> and <c>\s</c>: .NET's set and the separators U+001C to U+001F.</summary>
    public static bool IsSpace(char c) => c is >= '\x1c' and <= '\x1f' || char.IsWhiteSpace(c);

    /// <summary><c>str.strip()</c>.</summary>
    public static ReadOnlySpan<char> Strip(ReadOnlySpan<char> text)
    {
        var start = 0;
        while (start < text.Length && IsSpace(text[start]))
            start++;
        return StripEnd(text[start..]);
    }

    /// <summary><c>str.rstrip()</c>.</summary>
    public static ReadOnlySpan<char> StripEnd(ReadOnlySpan<char> text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
            end--;
        return text[..end];
    }

    /// <summary><c>str.split()</c>: the words between runs of white space.</summary>
    public static List<string> Words(ReadOnlySpan<char> text)
    {
        var words = new List<string>();
        var start = -1;
        for (var at = 0; at <= text.Length; at++)
        {
            var inside = at < text.Length && !IsSpace(text[at]);
            if (inside && start < 0)
                start = at;
            if (inside || start < 0)
                continue;
            words.Add(text[start..at].ToString());
            start = -1;
        }

        return words;
    }

    /// <summary><c>str.lower()</c>, with its two Unicode rules that .NET lacks (İ, final sigma).</summary>
    public static string Lower(string text)
    {
        if (!text.AsSpan().ContainsAny('İ', CapitalSigma))
            return text.ToLowerInvariant();
        var lower = new StringBuilder(text.Length + 4);
        for (var at = 0; at < text.Length; at++)
        {
            var step = char.IsSurrogatePair(text, at) ? 2 : 1;
            lower.Append(text[at] switch
            {
                'İ' => "i\u0307",
                CapitalSigma => IsCased(Neighbour(text, at, -1)) && !IsCased(Neighbour(text, at, +1)) ? "ς" : "σ",
                _ => text.Substring(at, step).ToLowerInvariant(),
            });
            at += step - 1;
        }

        return lower.ToString();
    }

    /// <summary>
    /// <c>int(text)</c>: surrounding white space, a sign, decimal digits of any script, single underscores between digits. Also false if
    /// the value does not fit into 64 bits.
    /// </summary>
    public static bool TryParseInteger(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        var digits = Strip(text);
        var negative = digits is ['-', ..];
        if (digits is ['-' or '+', ..])
            digits = digits[1..];
        var afterDigit = false;
        foreach (var rune in digits.EnumerateRunes())
        {
            if (rune.Value == '_' && afterDigit)
            {
                afterDigit = false;
                continue;
            }

            var digit = DigitValue(rune);
            if (digit < 0 || value > (long.MaxValue - digit) / 10)
                return false;
            value = value * 10 + digit;
            afterDigit = true;
        }

        value = negative ? -value : value;
        return afterDigit;
    }

    /// <summary>The value of a decimal digit of any script (Unicode category Nd); otherwise -1.</summary>
    public static int DigitValue(Rune rune) =>
        rune.IsAscii
            ? rune.Value is >= '0' and <= '9' ? rune.Value - '0' : -1
            : Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber ? (int)Rune.GetNumericValue(rune) : -1;

    /// <summary>The nearest character on one side that the final sigma rule does not skip (Unicode, 3.13).</summary>
    private static char Neighbour(string text, int at, int step)
    {
        for (at += step; at >= 0 && at < text.Length; at += step)
        {
            if (!IsCaseIgnorable(text[at]))
                return text[at];
        }

        return ' ';
    }

    private static bool IsCased(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter;

    private static bool IsCaseIgnorable(char c) =>
        c is '\'' or '.' or ':' or '·' or '’'
        || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;
}
