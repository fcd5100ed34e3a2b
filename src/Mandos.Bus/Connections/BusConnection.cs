using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>
/// One connection to a message bus. It has its own thread, the only one that touches sd-bus; every method may be called
/// from anywhere, and none blocks. When the connection is lost it stays lost: see <see cref="BusReconnection"/>.
/// </summary>
public sealed partial class BusConnection : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(25);

    /// <summary>Signals that are sent before the next look at how much room there is.</summary>
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

    /// <summary>Its name on the bus, for example <c>:1.42</c>.</summary>
    public string UniqueName => _thread.UniqueName;

    /// <summary>Completes when the connection is lost or disposed; never fails.</summary>
    public Task Closed => _thread.Closed;

    /// <summary>Why it was lost; set before <see cref="Closed"/> completes.</summary>
    internal string? Loss { get; private set; }

    /// <summary>Connects and says hello.</summary>
    /// <param name="address">As in <see cref="BusAddress"/>.</param>
    /// <param name="objects">What it exports; null: nothing.</param>
    /// <param name="time">For the limits of calls.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BusConnectionException">There is no bus, or it does not answer.</exception>
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
    /// Sends signals. Completes when there is room for more: what was sent before has been taken by the bus, but for a few. Many
    /// go out a few at a time, for libsystemd moves its whole queue with each message that it has sent, and refuses more than
    /// 393,216. Who sends much waits; who does not makes this connection keep all that a stuck bus does not take.
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
    /// Completes when the bus has taken all that was sent before. Who answers callers waits for it between two answers: they
    /// may be large, and who does not read them makes the bus stop taking them.
    /// </summary>
    /// <exception cref="BusConnectionException">The connection is lost.</exception>
    public Task UntilTakenAsync() => _thread.PostAsync(null, untilEmpty: true);

    /// <summary>Sends what is still to be sent, for at most this time, and closes the connection.</summary>
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

    /// <summary>On the thread, when the connection is lost.</summary>
    private void End(BusConnectionException reason)
    {
        foreach (var message in _unanswered)
            _ = SdBus.Unreference(message);
        _unanswered.Clear();
        _calls.FailAll(reason);
        Loss = reason.Message;
    }
}

/// <summary>There is no connection to the bus, or no longer; the message says why.</summary>
/// <param name="message">For people.</param>
/// <param name="isPermanent">True if it is of no use to try again: there is no libsystemd.</param>
public sealed class BusConnectionException(string message, bool isPermanent = false) : Exception(message)
{
    /// <summary>Whether it is of no use to try again.</summary>
    public bool IsPermanent { get; } = isPermanent;
}
