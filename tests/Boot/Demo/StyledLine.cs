using System.Globalization;
using System.Text;

namespace Mandos.Boot.Demo;

/// <summary>How characters look.</summary>
/// <param name="Colour">0 to 7 as for SGR 30 to 37; null: the default.</param>
/// <param name="IsBold">SGR 1.</param>
/// <param name="IsInverse">SGR 7.</param>
internal readonly record struct TextStyle(int? Colour, bool IsBold, bool IsInverse)
{
    /// <summary>The style after a control sequence "Select Graphic Rendition" (ECMA-48).</summary>
    public TextStyle After(int code) => code switch
    {
        0 => default,
        1 => this with { IsBold = true },
        22 => this with { IsBold = false },
        7 => this with { IsInverse = true },
        27 => this with { IsInverse = false },
        >= 30 and <= 37 => this with { Colour = code - 30 },
        >= 90 and <= 97 => this with { Colour = code - 90 },
        39 => this with { Colour = null },
        _ => this,
    };
}

/// <summary>A line of a terminal: pieces of text that look the same.</summary>
internal sealed record StyledLine(IReadOnlyList<(string Text, TextStyle Style)> Pieces)
{
    private const char Escape = '\e';

    /// <summary>Without its style.</summary>
    public string Text => string.Concat(Pieces.Select(piece => piece.Text)).TrimEnd();

    /// <summary>Reads what a terminal got: text with control sequences. Those that are not about the style are left out.</summary>
    public static IReadOnlyList<StyledLine> Parse(string text)
    {
        var lines = new List<StyledLine>();
        var style = default(TextStyle);
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            var pieces = new List<(string, TextStyle)>();
            var piece = new StringBuilder();
            for (var i = 0; i < line.Length; i++)
            {
                if (line[i] != Escape)
                {
                    if (!char.IsControl(line[i]))
                        piece.Append(line[i]);
                    continue;
                }

                if (piece.Length > 0)
                    pieces.Add((piece.ToString(), style));
                piece.Clear();
                var end = EndOfSequence(line, i);
                if (end < line.Length && line[end] == 'm')
                    style = line[(i + 2)..end].Split(';').Aggregate(style, (now, code) => now.After(Number(code)));
                i = end;
            }

            if (piece.Length > 0)
                pieces.Add((piece.ToString(), style));
            lines.Add(new(pieces));
        }

        return lines;
    }

    private static int EndOfSequence(string line, int start)
    {
        var end = start + 1;
        if (end < line.Length && line[end] == '[')
        {
            for (end++; end < line.Length && line[end] is < '@' or > '~';)
                end++;
        }
        else if (end < line.Length && line[end] is '(' or ')')
        {
            // The character set: one more character.
            end++;
        }

        return end;
    }

    private static int Number(string code) =>
        int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
