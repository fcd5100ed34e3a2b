using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace Mandos.Boot.Demo;

/// <summary>A picture (SVG) of a terminal: monospaced text, with colours for light and dark pages.</summary>
internal static class TerminalPicture
{
    private const double Column = 8, Row = 18, Margin = 12, Baseline = 13;
    private const int FewestColumns = 60;

    private const string Style = """
        text { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre }
        .page { fill: #ffffff; stroke: #c8ccd0 } .d { fill: #24292f } .r { fill: #ffffff }
        .c0 { fill: #57606a } .c1 { fill: #b3261e } .c2 { fill: #1a7f37 } .c3 { fill: #8a5a00 }
        .c4 { fill: #0550ae } .c5 { fill: #8250df } .c6 { fill: #0f6f76 } .c7 { fill: #57606a } .b { font-weight: bold }
        @media (prefers-color-scheme: dark) {
          .page { fill: #161b22; stroke: #444c56 } .d { fill: #e6edf3 } .r { fill: #161b22 }
          .c0 { fill: #8b949e } .c1 { fill: #ff7b72 } .c2 { fill: #56d364 } .c3 { fill: #e3b341 }
          .c4 { fill: #79c0ff } .c5 { fill: #d2a8ff } .c6 { fill: #76e3ea } .c7 { fill: #b1bac4 }
        }
        """;

    /// <summary>Writes one.</summary>
    public static async Task WriteAsync(string file, string title, IReadOnlyList<StyledLine> lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, Draw(title, lines));
    }

    /// <summary>The picture.</summary>
    public static string Draw(string title, IReadOnlyList<StyledLine> lines)
    {
        XNamespace svg = "http://www.w3.org/2000/svg";
        var width = Math.Max(FewestColumns, lines.Max(line => line.Pieces.Sum(piece => piece.Text.Length))) * Column + 2 * Margin;
        var height = lines.Count * Row + 2 * Margin;
        var picture = new XElement(
            svg + "svg", new XAttribute("viewBox", $"0 0 {Number(width)} {Number(height)}"), new XAttribute("width", Number(width)),
            new XAttribute("height", Number(height)), new XAttribute("role", "img"), new XElement(svg + "title", title),
            new XElement(svg + "style", $"\n{Style}\n"),
            new XElement(
                svg + "rect", new XAttribute("class", "page"), new XAttribute("x", 0.5), new XAttribute("y", 0.5),
                new XAttribute("width", Number(width - 1)), new XAttribute("height", Number(height - 1)), new XAttribute("rx", 6)));
        foreach (var (index, line) in lines.Index())
        {
            var (x, top) = (Margin, Margin + index * Row);
            foreach (var (text, style) in line.Pieces)
            {
                var length = text.Length * Column;
                var colour = style.Colour is { } number ? $"c{Number(number)}" : "d";
                if (style.IsInverse)
                    picture.Add(
                        new XElement(
                            svg + "rect", new XAttribute("class", colour), new XAttribute("x", Number(x)), new XAttribute("y", Number(top)),
                            new XAttribute("width", Number(length)), new XAttribute("height", Number(Row))));
                if (text.Trim().Length > 0)
                    picture.Add(
                        new XElement(
                            svg + "text", new XAttribute("class", (style.IsInverse ? "r" : colour) + (style.IsBold ? " b" : "")),
                            new XAttribute("x", Number(x)), new XAttribute("y", Number(top + Baseline)),
                            new XAttribute("textLength", Number(length)), new XAttribute("lengthAdjust", "spacingAndGlyphs"),
                            new XAttribute(XNamespace.Xml + "space", "preserve"), text));
                x += length;
            }
        }

        return new StringBuilder(picture.ToString()).Append('\n').ToString();
    }

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);
}
