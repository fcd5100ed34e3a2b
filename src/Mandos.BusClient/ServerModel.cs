namespace Mandos.BusClient;

/// <summary>
/// What is known of the server, kept up to date by a <see cref="ServerFollower"/>. Signals arrive on a thread of the connection, so that
/// every use needs the lock.
/// </summary>
public abstract class ServerModel
{
    private List<ServerSignal>? _early;

    /// <summary>Guards everything here.</summary>
    public Lock Lock { get; } = new();

    /// <summary>Whether a server is on the bus; null before that is known.</summary>
    public bool? HasServer { get; private set; }

    /// <summary>Keeps signals until <see cref="Load"/>: the list of clients may be older or newer than they are.</summary>
    public void AwaitList() => _early = [];

    /// <summary>Takes the list of clients; null if there is no server.</summary>
    public void Load(IReadOnlyList<ClientState>? clients)
    {
        var before = HasServer;
        HasServer = clients is not null;
        Take(clients ?? [], before);
        var early = _early ?? [];
        _early = null;
        foreach (var signal in early)
            Apply(signal);
    }

    /// <summary>Applies a signal.</summary>
    public void Apply(ServerSignal signal)
    {
        if (_early is not null && signal is not (ServerSignal.Appeared or ServerSignal.Left or ServerSignal.Lost))
        {
            _early.Add(signal);
            return;
        }

        if (signal is ServerSignal.Left or ServerSignal.Lost)
            HasServer = false;
        Take(signal);
    }

    /// <summary>Takes a failure of the connection, or of what was done with the server.</summary>
    /// <param name="what">What was done, with a colon and a space; empty for the connection.</param>
    /// <param name="failure">The failure.</param>
    public abstract void Fail(string what, BusFailure failure);

    /// <summary>Replaces all clients.</summary>
    /// <param name="clients">The clients; none if there is no server.</param>
    /// <param name="hadServer">The previous value of <see cref="HasServer"/>.</param>
    protected abstract void Take(IReadOnlyList<ClientState> clients, bool? hadServer);

    /// <summary>Takes a signal that follows the list of clients.</summary>
    protected abstract void Take(ServerSignal signal);
}
