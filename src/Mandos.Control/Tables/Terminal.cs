using System.Text;
using Mandos.Control.Hosting;
using Mandos.Core.Text;
using Spectre.Console.Rendering;

namespace Mandos.Control.Tables;

/// <summary>What is different on a terminal.</summary>
internal static class Terminal
{
    /// <summary>A text of the server: on a terminal without control characters, elsewhere unchanged.</summary>
    internal static string Safe(string text, ControlEnvironment environment) => environment.Screen is null ? text : PrintableText.Of(text);

    /// <summary>
    /// The width of a text: on a terminal in columns (an ideograph has two, a combining character none), elsewhere in characters, as
    /// upstream counts.
    /// </summary>
    internal static Func<string, int> WidthOf(ControlEnvironment environment) => environment.Screen is null
        ? static text => Ascii.IsValid(text) ? text.Length : text.EnumerateRunes().Count()
        : static text => Ascii.IsValid(text) ? text.Length : new Segment(text).CellCount();

    /// <summary>Whether to use colours: <paramref name="wanted"/> is auto, always or never (https://no-color.org).</summary>
    /// <exception cref="UsageError">It is something else.</exception>
    internal static bool HasColors(string? wanted, ControlEnvironment environment) => wanted switch
    {
        "always" => true,
        "never" => false,
        null or "auto" => environment.Screen is not null
            && string.IsNullOrEmpty(environment.Variable("NO_COLOR"))
            && environment.Variable("TERM") is { Length: > 0 } and not "dumb",
        _ => throw new UsageError($"option '--color': '{wanted}' is not auto, always or never"),
    };
}
