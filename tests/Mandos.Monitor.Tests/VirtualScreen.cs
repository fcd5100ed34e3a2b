using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Mandos.Monitor.Tests;

/// <summary>A terminal: what it shows after what it was sent. It knows what a VT100 knows, and fails on anything else.</summary>
internal sealed partial class VirtualScreen(int columns, int rows)
{
    private readonly string[] _cells = [.. Enumerable.Repeat(" ", columns * rows)];
    private readonly string[] _styles = [.. Enumerable.Repeat("0", columns * rows)];
    private string _style = "0";
    private int _row, _column;

    internal string Text(int row) => string.Concat(_cells.Skip(row * columns).Take(columns)).TrimEnd();

    internal string Style(int row, int column) => _styles[(row * columns) + column];

    internal void Send(string sent)
    {
        for (var i = 0; i < sent.Length;)
        {
            if (sent[i] == '\u001b')
            {
                var match = Sequence().Match(sent, i);
                Assert.True(match.Success, $"unknown sequence in {sent[i..].Replace("\u001b", "ESC", StringComparison.Ordinal)}");
                Apply(match.Groups[1].Value, match.Groups[2].Value[0]);
                i += match.Length;
                continue;
            }

            var rune = Rune.GetRuneAt(sent, i);
            i += rune.Utf16SequenceLength;
            Show(rune);
        }
    }

    private void Show(Rune rune)
    {
        var width = Wcwidth.UnicodeCalculator.GetWidth(rune);
        Assert.True(width >= 0, "a control character");
        if (width == 0)
        {
            _cells[At(_row, _column - 1)] += rune;
            return;
        }

        Assert.InRange(_column + width, 1, columns);
        Assert.False(_row == rows - 1 && _column + width == columns, "the last position scrolls some terminals");
        for (var i = 0; i < width; i++)
        {
            _cells[At(_row, _column)] = i == 0 ? rune.ToString() : "";
            _styles[At(_row, _column++)] = _style;
        }
    }

    private void Apply(string parameters, char final)
    {
        switch (final)
        {
            case 'H':
                var position = parameters.Split(';').Select(p => int.Parse(p, CultureInfo.InvariantCulture)).ToArray();
                (_row, _column) = (position[0] - 1, position[1] - 1);
                Assert.InRange(_row, 0, rows - 1);
                Assert.InRange(_column, 0, columns - 1);
                break;
            case 'J':
                Assert.Equal("2", parameters);
                Array.Fill(_cells, " ");
                Array.Fill(_styles, _style);
                break;
            case 'K':
                Assert.Equal("", parameters);
                for (var column = _column; column < columns; column++)
                    (_cells[At(_row, column)], _styles[At(_row, column)]) = (" ", _style);
                break;
            case 'm':
                _style = parameters;
                break;
            default:
                Assert.Fail($"unknown sequence {final}");
                break;
        }
    }

    private int At(int row, int column) => (row * columns) + column;

    [GeneratedRegex(@"\G\u001b\[([0-9;]*)([A-Za-z])")]
    private static partial Regex Sequence();
}
