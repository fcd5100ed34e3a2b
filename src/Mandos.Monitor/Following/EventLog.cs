using System.Globalization;

namespace Mandos.Monitor.Following;

/// <summary>The last thousand events.</summary>
internal sealed class EventLog
{
    internal const int MaxLines = 1000;

    private readonly List<EventLine> _lines = [];

    /// <summary>The events, oldest first.</summary>
    internal IReadOnlyList<EventLine> Lines => _lines;

    internal void Add(DateTimeOffset time, string text, EventKind kind = EventKind.Plain)
    {
        if (_lines.Count == MaxLines)
            _lines.RemoveAt(0);
        _lines.Add(new(time, text, kind));
    }

    /// <summary>Removes the newest events, as far as they are of this kind.</summary>
    internal void RemoveNewest(EventKind kind)
    {
        while (_lines.Count > 0 && _lines[^1].Kind == kind)
            _lines.RemoveAt(_lines.Count - 1);
    }
}

/// <summary>What an event is.</summary>
internal enum EventKind
{
    Plain,

    /// <summary>An operator may have to do something about it.</summary>
    Warning,

    /// <summary>A client was removed.</summary>
    Removal,
}

/// <summary>An event.</summary>
/// <param name="Time">When it was received.</param>
/// <param name="Event">What happened.</param>
/// <param name="Kind">What it is.</param>
internal sealed record EventLine(DateTimeOffset Time, string Event, EventKind Kind)
{
    /// <summary>With the local time, as upstream writes it.</summary>
    internal string Text { get; } = $"{Time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss,fff", CultureInfo.InvariantCulture)}: {Event}";
}
