namespace Mandos.Server.Listening;

/// <summary>
/// A list of <see cref="PendingConnections"/>, in which silent connections and those that have sent the greeting are separate.
/// </summary>
internal sealed class PendingList
{
    /// <summary>
    /// How much younger a connection that has sent the greeting is treated, because it is about to present its key. With more than this,
    /// many such connections would evict each new one before it can send the greeting.
    /// </summary>
    private static readonly TimeSpan Advantage = TimeSpan.FromSeconds(0.5);

    private readonly LinkedList<PendingConnection> _silent = [];
    private readonly LinkedList<PendingConnection> _greeted = [];

    internal int Count => _silent.Count + _greeted.Count;

    internal int Greeted => _greeted.Count;

    /// <summary>The connection that has sent the greeting and has waited longest.</summary>
    internal PendingConnection? OldestGreeted => _greeted.First?.Value;

    /// <summary>The connection that has waited longest; null if there is none.</summary>
    internal PendingConnection? Oldest => (_silent.First?.Value, _greeted.First?.Value) switch
    {
        ({ } silent, { } greeted) => silent.Place!.Since <= greeted.Place!.Since + Advantage ? silent : greeted,
        var (silent, greeted) => silent ?? greeted,
    };

    internal LinkedListNode<PendingConnection> Add(PendingConnection connection, bool hasGreeted) =>
        (hasGreeted ? _greeted : _silent).AddLast(connection);
}
