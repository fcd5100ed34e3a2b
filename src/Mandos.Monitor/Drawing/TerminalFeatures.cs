namespace Mandos.Monitor.Drawing;

/// <summary>What a terminal can do, by the environment; everything else is what a VT100 can.</summary>
/// <param name="HasColors">The eight colours of ECMA-48.</param>
/// <param name="IsUtf8">Its character set is UTF-8.</param>
/// <param name="HasMouse">It reports the mouse as xterm does.</param>
/// <param name="HasAlternateScreen">It has a second screen for programs like this, as xterm does.</param>
internal sealed record TerminalFeatures(bool HasColors, bool IsUtf8, bool HasMouse, bool HasAlternateScreen)
{
    private static readonly string[] LikeXterm =
        ["xterm", "tmux", "screen", "rxvt", "alacritty", "foot", "kitty", "konsole", "gnome", "vte", "putty", "st-", "wezterm"];

    /// <summary>Returns what the terminal can do; null if it cannot position the cursor.</summary>
    /// <param name="variable">Environment variables: TERM, NO_COLOR (https://no-color.org), LC_ALL, LC_CTYPE, LANG.</param>
    internal static TerminalFeatures? Of(Func<string, string?> variable)
    {
        if (variable("TERM") is not { Length: > 0 } term || term is "dumb" or "unknown")
            return null;
        var likeXterm = LikeXterm.Any(name => term.StartsWith(name, StringComparison.Ordinal));
        var isMonochrome = term.StartsWith("vt", StringComparison.Ordinal) || term.EndsWith("-m", StringComparison.Ordinal)
            || term.EndsWith("-mono", StringComparison.Ordinal);
        return new(!isMonochrome && string.IsNullOrEmpty(variable("NO_COLOR")), IsUtf8Locale(variable), likeXterm, likeXterm);
    }

    private static bool IsUtf8Locale(Func<string, string?> variable)
    {
        var values = ((string[])["LC_ALL", "LC_CTYPE", "LANG"]).Select(variable);
        var locale = values.FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? "";
        return locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);
    }
}
