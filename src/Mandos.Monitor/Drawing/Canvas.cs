using System.Text;
using Mandos.Core.Text;
using Wcwidth;

namespace Mandos.Monitor.Drawing;

/// <summary>What the screen is to show, position by position.</summary>
internal sealed class Canvas
{
    private static readonly string[] AsciiTexts = [.. Enumerable.Range(0, 128).Select(c => ((char)c).ToString())];

    private readonly Cell[] _cells;
    private readonly bool _isUtf8;

    internal Canvas(int columns, int rows, bool isUtf8)
    {
        Columns = columns;
        Rows = rows;
        _isUtf8 = isUtf8;
        _cells = new Cell[columns * rows];
        Array.Fill(_cells, Cell.Blank);
    }

    internal int Columns { get; }

    internal int Rows { get; }

    internal Cell this[int row, int column] => _cells[(row * Columns) + column];

    /// <summary>A horizontal line.</summary>
    internal string Line => _isUtf8 ? "─" : "-";

    /// <summary>A row without trailing blanks, for tests.</summary>
    internal string Text(int row) =>
        string.Concat(Enumerable.Range(0, Columns).Select(column => this[row, column].Text)).TrimEnd();

    /// <summary>
    /// Writes text from a position on, as far as the row reaches. Control characters are escaped, and so is what the terminal's
    /// character set lacks.
    /// </summary>
    /// <returns>The column after the text.</returns>
    internal int Put(int row, int column, string text, TextStyle style = default)
    {
        if (row < 0 || row >= Rows)
            return column;
        foreach (var rune in PrintableText.Of(text).EnumerateRunes())
        {
            var shown = rune.IsAscii || _isUtf8 ? rune : new Rune('?');
            var width = shown.IsAscii ? 1 : UnicodeCalculator.GetWidth(shown);
            if (width <= 0)
            {
                Combine(row, column, shown);
                continue;
            }

            if (column + width > End(row))
                break;
            Set(row, column, new(shown.IsAscii ? AsciiTexts[shown.Value] : shown.ToString(), style));
            if (width == 2)
                Set(row, column + 1, new("", style));
            column += width;
        }

        return column;
    }

    /// <summary>Fills the rest of a row.</summary>
    internal void Fill(int row, int column, string text, TextStyle style)
    {
        for (; row >= 0 && row < Rows && column < End(row); column++)
            Set(row, column, new(text, style));
    }

    /// <summary>The number of usable columns: a character in the last position of the last row would scroll some terminals.</summary>
    private int End(int row) => row == Rows - 1 ? Columns - 1 : Columns;

    /// <summary>Breaks text into pieces that are not wider than this.</summary>
    internal IEnumerable<string> Wrap(string text, int width)
    {
        var piece = new StringBuilder();
        var used = 0;
        foreach (var rune in PrintableText.Of(text).EnumerateRunes())
        {
            var own = rune.IsAscii || !_isUtf8 ? 1 : Math.Max(0, UnicodeCalculator.GetWidth(rune));
            if (used + own > width && piece.Length > 0)
            {
                yield return piece.ToString();
                piece.Clear();
                used = 0;
            }

            piece.Append(rune);
            used += own;
        }

        yield return piece.ToString();
    }

    private void Combine(int row, int column, Rune rune)
    {
        // At most a few: a name of thousands of accents is no reason to send them all.
        const int Longest = 16;
        if (column > 0 && column <= Columns && this[row, column - 1] is { Text: { Length: > 0 and < Longest } text } cell)
            _cells[(row * Columns) + column - 1] = cell with { Text = text + rune };
    }

    private void Set(int row, int column, Cell cell)
    {
        // Half of a wide character cannot stay.
        var at = (row * Columns) + column;
        var isHalf = _cells[at].Text.Length == 0;
        if (isHalf && cell.Text.Length > 0)
            _cells[at - 1] = Cell.Blank;
        if (!isHalf && column + 1 < Columns && _cells[at + 1].Text.Length == 0)
            _cells[at + 1] = Cell.Blank;
        _cells[at] = cell;
    }
}

/// <summary>One position of the screen.</summary>
/// <param name="Text">A character with what combines with it; empty to the right of a wide character.</param>
/// <param name="Style">How it looks.</param>
internal readonly record struct Cell(string Text, TextStyle Style)
{
    internal static Cell Blank { get; } = new(" ", default);
}
