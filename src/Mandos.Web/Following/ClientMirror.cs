using Mandos.BusClient;

namespace Mandos.Web.Following;

/// <summary>The clients as the server signals them, what happened lately, and a number that grows with each change.</summary>
internal sealed class ClientMirror(TimeProvider time) : ServerModel
{
    /// <summary>How many events are kept, over all clients.</summary>
    internal const int MostEvents = 2000;

    private readonly OrderedDictionary<string, ClientState> _clients = new(StringComparer.Ordinal);
    private readonly Queue<ClientEvent> _events = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version;
    private long _details;

    /// <summary>What each successful check changes. With thousands of clients, that is several times a second.</summary>
    private static readonly string[] Details = ["CheckerRunning", "Expires", "LastCheckedOK"];

    /// <summary>How long a first request waits until it is known whether there is a server.</summary>
    private static TimeSpan Patience { get; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Waits until it is known whether there is a server: a request may be what has started this program, and must not be answered that
    /// there is none.
    /// </summary>
    internal async Task WaitUntilKnownAsync(CancellationToken cancellationToken)
    {
        if (!_known.Task.IsCompleted)
            await _known.Task.WaitAsync(Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>All clients now, in the order of the server, and whether there is a server.</summary>
    internal MirrorImage Image()
    {
        lock (Lock)
            return new(HasServer == true, [.. _clients.Values], Failure);
    }

    /// <summary>The client with a name; null if there is none.</summary>
    internal ClientState? Find(string name)
    {
        lock (Lock)
            return _clients.Values.FirstOrDefault(client => client.Name == name);
    }

    /// <summary>What happened to a client since this program runs, the latest first.</summary>
    internal IReadOnlyList<ClientEvent> EventsOf(string name, int most)
    {
        lock (Lock)
            return [.. _events.Where(one => one.Client == name).Reverse().Take(most)];
    }

    /// <summary>A number that grows with each change of a detail, which a page need not show at once.</summary>
    internal long DetailVersion => Interlocked.Read(ref _details);

    /// <summary>Waits until the number of the last change (other than of details) is not the given one; returns it.</summary>
    internal async Task<long> WaitAsync(long version, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (Lock)
            {
                if (_version != version)
                    return _version;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Why there is no connection to the bus; null if there is one.</summary>
    private string? Failure { get; set; }

    /// <inheritdoc />
    public override void Fail(string what, BusFailure failure)
    {
        Failure = failure.Message;
        Change();
    }

    /// <inheritdoc />
    protected override void Take(IReadOnlyList<ClientState> clients, bool? hadServer)
    {
        Failure = null;
        _clients.Clear();
        foreach (var client in clients)
            _clients[client.Path] = client;
        Change();
    }

    /// <inheritdoc />
    protected override void Take(ServerSignal signal)
    {
        var path = SignalDescription.PathOf(signal);
        var client = path is null ? null : _clients.GetValueOrDefault(path);
        switch (signal)
        {
            case ServerSignal.Added added:
                client = added.Client;
                _clients[added.Client.Path] = client;
                break;
            case ServerSignal.Removed removed:
                _clients.Remove(removed.Path);
                break;
            case ServerSignal.Changed changed when client is not null:
                _clients[changed.Path] = client.With(changed.Properties);
                break;
            case ServerSignal.Left or ServerSignal.Lost:
                _clients.Clear();
                break;
        }

        if (client is not null && signal is not ServerSignal.Changed && !IsDetail(signal))
            Keep(new(time.GetUtcNow(), client.Name, SignalDescription.Describe(signal)));
        if (IsDetail(signal))
            Interlocked.Increment(ref _details);
        else
            Change();
    }

    private static bool IsDetail(ServerSignal signal) => signal switch
    {
        ServerSignal.CheckerStarted or ServerSignal.CheckerCompleted { ExitCode: 0 } => true,
        ServerSignal.Changed changed => changed.Properties.Keys.All(Details.Contains),
        _ => false,
    };

    private void Keep(ClientEvent one)
    {
        if (_events.Count == MostEvents)
            _events.Dequeue();
        _events.Enqueue(one);
    }

    private void Change()
    {
        _known.TrySetResult();
        _version++;
        var changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }
}

/// <summary>The clients at one instant.</summary>
/// <param name="HasServer">Whether a server is on the bus.</param>
/// <param name="Clients">Its clients.</param>
/// <param name="Failure">Why there is no connection to the bus; null if there is one.</param>
internal sealed record MirrorImage(bool HasServer, IReadOnlyList<ClientState> Clients, string? Failure);

/// <summary>Something that happened to a client.</summary>
/// <param name="At">When.</param>
/// <param name="Client">The name of the client.</param>
/// <param name="Text">What.</param>
internal sealed record ClientEvent(DateTimeOffset At, string Client, string Text);
