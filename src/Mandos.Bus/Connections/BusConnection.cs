using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>
/// A connection to a message bus. Only its own thread uses sd-bus; all methods are thread-safe and non-blocking. A lost connection is not
/// restored: see <see cref="BusReconnection"/>.
/// </summary>
public sealed partial class BusConnection : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(25);

    /// <summary>How many signals are sent before the queue is checked again.</summary>
    private const int Together = 200;

    private readonly IBusObjects? _objects;
    private readonly TimeProvider _time;
    private readonly PendingCalls _calls = new();
    private readonly SignalMatches _matches = new();
    private readonly HashSet<nint> _unanswered = [];
    private readonly BusThread _thread;

    private BusConnection(string address, IBusObjects? objects, TimeProvider time)
    {
        _objects = objects;
        _time = time;
        _thread = new BusThread(address, Dispatch, End, time);
    }

    /// <summary>The unique name on the bus, for example <c>:1.42</c>.</summary>
    public string UniqueName => _thread.UniqueName;

    /// <summary>Completes when the connection is lost or disposed; never fails.</summary>
    public Task Closed => _thread.Closed;

    /// <summary>Why the connection was lost; set before <see cref="Closed"/> completes.</summary>
    internal string? Loss { get; private set; }

    /// <summary>Connects and registers with the bus.</summary>
    /// <param name="address">As in <see cref="BusAddress"/>.</param>
    /// <param name="objects">The exported objects; null for none.</param>
    /// <param name="time">The clock for the time limits of calls.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="BusConnectionException">The bus does not exist or does not answer.</exception>
    public static async Task<BusConnection> ConnectAsync(
        string address, IBusObjects? objects, TimeProvider time, CancellationToken cancellationToken)
    {
        var connection = new BusConnection(address, objects, time);
        connection._thread.Start();
        try
        {
            await connection._thread.Ready.WaitAsync(ConnectTime, time, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            if (e is TimeoutException)
                throw new BusConnectionException($"the bus did not respond within {ConnectTime.TotalSeconds:0} s");
            throw;
        }
    }

    /// <summary>
    /// Sends signals. Completes when more can be sent, because the bus has taken all but a few of the earlier ones. Signals are sent in
    /// small groups, because libsystemd moves its whole queue for each message sent, and refuses more than 393,216. A caller that sends
    /// many must wait for completion; otherwise everything that a stuck bus does not take is queued here.
    /// </summary>
    /// <exception cref="BusConnectionException">The connection is lost.</exception>
    public async Task SendAsync(IReadOnlyList<BusSignal> signals)
    {
        for (var first = 0; first == 0 || first < signals.Count; first += Together)
        {
            var (begin, end) = (first, Math.Min(first + Together, signals.Count));
            await _thread.PostAsync(
                () =>
                {
                    for (var i = begin; i < end; i++)
                        SendSignal(signals[i]);
                },
                untilEmpty: false).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Completes when the bus has taken everything that was sent before. Code that answers callers waits for this between two answers,
    /// which may be large: if a caller does not read them, the bus stops taking them.
    /// </summary>
    /// <exception cref="BusConnectionException">The connection is lost.</exception>
    public Task UntilTakenAsync() => _thread.PostAsync(null, untilEmpty: true);

    /// <summary>Sends what is still queued, within this time limit, and closes the connection.</summary>
    public async Task CloseAsync(TimeSpan limit)
    {
        await UntilTakenAsync().WaitAsync(limit, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _thread.Stop();
        await Closed.ConfigureAwait(false);
    }

    /// <summary>Runs on the thread when the connection is lost.</summary>
    private void End(BusConnectionException reason)
    {
        foreach (var message in _unanswered)
            _ = SdBus.Unreference(message);
        _unanswered.Clear();
        _calls.FailAll(reason);
        Loss = reason.Message;
    }
}

/// <summary>There is no connection to the bus, or it was lost; the message says why.</summary>
/// <param name="message">The text for people.</param>
/// <param name="isPermanent">Whether retries are useless, because libsystemd is missing.</param>
public sealed class BusConnectionException(string message, bool isPermanent = false) : Exception(message)
{
    /// <summary>Whether retries are useless.</summary>
    public bool IsPermanent { get; } = isPermanent;
}
