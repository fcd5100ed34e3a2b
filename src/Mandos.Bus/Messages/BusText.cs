using System.Text;

namespace Mandos.Bus.Messages;

/// <summary>
/// Text that D-Bus can carry: Unicode without NUL, without lone surrogates and, because libsystemd requires it, without noncharacters
/// (U+FDD0 to U+FDEF, and the last two of each plane).
/// </summary>
internal static class BusText
{
    /// <summary>Returns the text, with U+FFFD for each character that cannot be carried.</summary>
    internal static string Carried(string text)
    {
        var plain = true;
        foreach (var c in text)
            plain &= c is not '\0' and < '\ud800';
        if (plain)
            return text;
        var result = new StringBuilder(text.Length);
        // A lone surrogate is enumerated as U+FFFD.
        foreach (var rune in text.EnumerateRunes())
            result.Append(IsCarried(rune.Value) ? rune.ToString() : "\ufffd");
        return result.ToString();
    }

    private static bool IsCarried(int code) => code is not (0 or (>= 0xfdd0 and <= 0xfdef)) && (code & 0xfffe) != 0xfffe;
}
