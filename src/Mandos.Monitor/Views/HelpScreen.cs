using Mandos.Monitor.Drawing;

namespace Mandos.Monitor.Views;

/// <summary>The keys.</summary>
internal static class HelpScreen
{
    private static readonly string[] Lines =
    [
        "The selected client:",
        "  a      approve its request        d        deny its request",
        "  +      enable                     -        disable",
        "  s      start a check              S        stop the running check",
        "  C      count as a good check      R _ ^K   remove (asks first)",
        "  Enter  details",
        "",
        "The list:",
        "  Up k ^P, Down j ^N                one client up, down",
        "  PgUp b Meta-v, PgDn f Space ^V    one page up, down",
        "  Home g, End G                     first, last",
        "  /      show only matching names, hosts or states",
        "  o      sort by name, expiry, last check, state",
        "",
        "The log:",
        "  Tab    move between list and log  l D      show or hide it",
        "  w i    wrap long lines            v        log good checks, too",
        "",
        "  ? F1   this help                  ^L       redraw",
        "  Esc    close, drop the filter     q Q ^C   quit",
    ];

    internal static void Draw(Canvas canvas, int top, int rows)
    {
        for (var row = 0; row < rows && row < Lines.Length; row++)
            canvas.Put(top + row, 0, Lines[row], new(Bold: Lines[row].EndsWith(':')));
    }
}
