using System.Globalization;
using System.Text;

namespace Mandos.Core.Text;

/// <summary>
/// Makes untrusted text safe for our messages: control characters, line ends and characters that change the writing direction are shown as
/// <c>\n</c> or <c>\u202e</c>, so that no value can forge a log line or overwrite a terminal.
/// </summary>
public static class PrintableText
{
    /// <summary>Returns the text with all such characters escaped.</summary>
    public static string Of(string text)
    {
        if (text.All(IsPlain))
            return text;
        var result = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                _ when IsPlain(c) => result.Append(c),
                _ => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            };
        }

        return result.ToString();
    }

    private static bool IsPlain(char c) =>
        c is >= ' ' and <= '~'
        || char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);
}
