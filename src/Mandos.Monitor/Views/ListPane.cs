using Mandos.Monitor.Drawing;
using Mandos.Monitor.Following;

namespace Mandos.Monitor.Views;

/// <summary>The list of clients.</summary>
internal sealed class ListPane
{
    private int _first;
    private int _top;
    private int _rows = 1;

    /// <summary>How far one page is.</summary>
    internal int Page => Math.Max(1, _rows - 1);

    /// <summary>The client in a row of the screen; null if there is none.</summary>
    internal int? At(int row) => row >= _top && row < _top + _rows ? _first + row - _top : null;

    internal void Draw(Canvas canvas, int top, int rows, ClientTable clients, bool isFocused, DateTimeOffset now)
    {
        (_top, _rows) = (top, rows);
        if (rows <= 0)
            return;
        // The selected client is in view, and no row is left empty without need.
        _first = Math.Clamp(_first, Math.Max(0, clients.Selected - rows + 1), clients.Selected);
        _first = Math.Max(0, Math.Min(_first, clients.ShownCount - rows));
        for (var row = 0; row < rows && _first + row < clients.ShownCount; row++)
        {
            var client = clients.Shown(_first + row);
            var (state, tone) = ClientLine.State(client, now);
            var isSelected = _first + row == clients.Selected;
            var style = new TextStyle(tone, Bold: tone == Tone.Notice, Reverse: isSelected && isFocused);
            var end = canvas.Put(top + row, 0, $"{client.Name}: {state}", style);
            if (isSelected)
                canvas.Fill(top + row, end, " ", style);
        }
    }
}
