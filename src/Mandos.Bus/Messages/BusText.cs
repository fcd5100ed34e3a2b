using System.Text;

namespace Mandos.Bus.Messages;

/// <summary>
/// Text as D-Bus carries it: Unicode without NUL, without halves of pairs, and, as libsystemd has it, without characters
/// that are none (U+FDD0 to U+FDEF, and the last two of each plane).
/// </summary>
internal static class BusText
{
    /// <summary>The text, with U+FFFD for each character that cannot be carried.</summary>
    internal static string Carried(string text)
    {
        var plain = true;
        foreach (var c in text)
            plain &= c is not '\0' and < '\ud800';
        if (plain)
            return text;
        var result = new StringBuilder(text.Length);
        // A half of a pair is enumerated as U+FFFD.
        foreach (var rune in text.EnumerateRunes())
            result.Append(IsCarried(rune.Value) ? rune.ToString() : "\ufffd");
        return result.ToString();
    }

    private static bool IsCarried(int code) => code is not (0 or (>= 0xfdd0 and <= 0xfdef)) && (code & 0xfffe) != 0xfffe;
}
