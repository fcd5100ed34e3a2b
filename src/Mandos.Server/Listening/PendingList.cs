namespace Mandos.Server.Listening;

/// <summary>Some of the <see cref="PendingConnections"/>, those that have greeted apart from those that say nothing.</summary>
internal sealed class PendingList
{
    /// <summary>
    /// A connection that has greeted counts as so much younger: it will show its key in a moment. Not more, or many of those
    /// would push out each new one before it can greet.
    /// </summary>
    private static readonly TimeSpan Advantage = TimeSpan.FromSeconds(0.5);

    private readonly LinkedList<PendingConnection> _silent = [];
    private readonly LinkedList<PendingConnection> _greeted = [];

    internal int Count => _silent.Count + _greeted.Count;

    internal int Greeted => _greeted.Count;

    /// <summary>The one that has greeted and waits longest.</summary>
    internal PendingConnection? OldestGreeted => _greeted.First?.Value;

    /// <summary>The one that has waited longest; null if there is none.</summary>
    internal PendingConnection? Oldest => (_silent.First?.Value, _greeted.First?.Value) switch
    {
        ({ } silent, { } greeted) => silent.Place!.Since <= greeted.Place!.Since + Advantage ? silent : greeted,
        var (silent, greeted) => silent ?? greeted,
    };

    internal LinkedListNode<PendingConnection> Add(PendingConnection connection, bool hasGreeted) =>
        (hasGreeted ? _greeted : _silent).AddLast(connection);
}
