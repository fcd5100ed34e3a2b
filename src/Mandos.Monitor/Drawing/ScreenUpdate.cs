using System.Globalization;
using System.Text;

namespace Mandos.Monitor.Drawing;

/// <summary>
/// Brings the screen from what it shows to what it should show, with as few bytes as possible: a serial console has 960 a second. Uses
/// only control sequences of the VT100, and colours if there are any.
/// </summary>
internal sealed class ScreenUpdate(TerminalFeatures features)
{
    /// <summary>Unchanged characters up to this number are sent again rather than jumped over, which takes longer.</summary>
    private const int CheapGap = 6;

    /// <summary>Shorter rests are not worth the sequence that clears them.</summary>
    private const int WorthClearing = 4;

    private readonly StringBuilder _output = new();
    private Canvas? _shown;
    private TextStyle _style;
    private (int Row, int Column) _cursor;

    /// <summary>Sent first: a second screen if there is one, no cursor, and the mouse.</summary>
    internal string Begin =>
        $"{(features.HasAlternateScreen ? "\u001b[?1049h" : "")}\u001b[?25l{(features.HasMouse ? "\u001b[?1000h\u001b[?1006h" : "")}";

    /// <summary>Sent last: the screen as it was, or at least an empty last line.</summary>
    internal string End
    {
        get
        {
            var leave = features.HasAlternateScreen
                ? "\u001b[?1049l"
                : string.Create(CultureInfo.InvariantCulture, $"\u001b[{_shown?.Rows ?? 24};1H\r\n");
            return $"\u001b[0m{(features.HasMouse ? "\u001b[?1006l\u001b[?1000l" : "")}{leave}\u001b[?25h";
        }
    }

    /// <summary>Has the next update send everything: the screen was disturbed.</summary>
    internal void Forget() => _shown = null;

    /// <summary>Returns what is to be sent.</summary>
    internal string To(Canvas next)
    {
        _output.Clear();
        if (_shown is null || _shown.Columns != next.Columns || _shown.Rows != next.Rows)
        {
            _output.Append("\u001b[0m\u001b[2J");
            _style = default;
            _cursor = (-1, -1);
            _shown = new(next.Columns, next.Rows, isUtf8: true);
        }

        for (var row = 0; row < next.Rows; row++)
            UpdateRow(_shown, next, row);
        _shown = next;
        return _output.ToString();
    }

    private void UpdateRow(Canvas shown, Canvas next, int row)
    {
        var columns = next.Columns;
        var blank = columns;
        while (blank > 0 && next[row, blank - 1] == Cell.Blank)
            blank--;
        for (var column = 0; column < columns; column++)
        {
            if (shown[row, column] == next[row, column])
                continue;
            if (column >= blank && columns - column >= WorthClearing)
            {
                MoveTo(row, column);
                Select(default);
                _output.Append("\u001b[K");
                return;
            }

            // The right half of a wide character is sent with the left one.
            var from = column;
            while (next[row, from].Text.Length == 0)
                from--;
            if (_cursor.Row == row && from - _cursor.Column is >= 0 and <= CheapGap)
                from = _cursor.Column;
            else
                MoveTo(row, from);
            while (from <= column)
            {
                Send(next[row, from++]);
                while (from < columns && next[row, from].Text.Length == 0)
                    from++;
            }

            _cursor = (row, from);
            column = from - 1;
        }

        // After the last column terminals differ about where the cursor is.
        if (_cursor.Column >= next.Columns)
            _cursor = (-1, -1);
    }

    private void MoveTo(int row, int column)
    {
        if (_cursor == (row, column))
            return;
        _output.Append(CultureInfo.InvariantCulture, $"\u001b[{row + 1};{column + 1}H");
        _cursor = (row, column);
    }

    private void Send(Cell cell)
    {
        Select(cell.Style);
        _output.Append(cell.Text);
    }

    private void Select(TextStyle style)
    {
        if (!features.HasColors)
            style = style with { Tone = Tone.Plain };
        if (style == _style)
            return;
        _output.Append(style.Sequence(features.HasColors));
        _style = style;
    }
}
