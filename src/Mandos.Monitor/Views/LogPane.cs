using Mandos.Monitor.Drawing;
using Mandos.Monitor.Following;

namespace Mandos.Monitor.Views;

/// <summary>The window with what happened, the newest at its end.</summary>
internal sealed class LogPane
{
    private int _rows = 1;

    /// <summary>How many lines of the screen the view is above the newest; 0 follows what happens.</summary>
    private int _back;

    internal bool IsVisible { get; set; } = true;

    /// <summary>Whether long lines are continued on the next one instead of being cut off.</summary>
    internal bool Wraps { get; set; } = true;

    /// <summary>How far one page is.</summary>
    internal int Page => Math.Max(1, _rows - 1);

    internal void Move(int lines) => _back = Math.Max(0, _back - lines);

    internal void MoveToStart() => _back = int.MaxValue / 2;

    internal void MoveToEnd() => _back = 0;

    internal void Draw(Canvas canvas, int top, int rows, EventLog log)
    {
        _rows = rows;
        var pieces = new List<(string Text, bool IsWarning)>();
        // From the newest on, as far as the view reaches.
        foreach (var line in log.Lines.Reverse())
        {
            if (pieces.Count >= (long)_back + rows)
                break;
            var parts = Wraps ? canvas.Wrap(line.Text, canvas.Columns).Reverse() : [line.Text];
            pieces.AddRange(parts.Select(part => (part, line.Kind == EventKind.Warning)));
        }

        _back = Math.Clamp(_back, 0, Math.Max(0, pieces.Count - rows));
        for (var row = 0; row < rows && _back + row < pieces.Count; row++)
        {
            var (text, isWarning) = pieces[_back + row];
            var at = top + Math.Min(rows, pieces.Count - _back) - 1 - row;
            canvas.Put(at, 0, text, new(isWarning ? Tone.Warning : Tone.Plain, Bold: isWarning));
        }
    }
}
