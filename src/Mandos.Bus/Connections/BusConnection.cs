using Mandos.Bus.Messages;
using Mandos.Core.Linux;

namespace Mandos.Bus.Connections;

/// <summary>
/// One connection to a message bus. It has its own thread, the only one that touches sd-bus; every method may be called
/// from anywhere, and none blocks. When the connection is lost it stays lost: see <see cref="BusReconnection"/>.
/// </summary>
public sealed partial class BusConnection : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(25);

    private readonly IBusObjects? _objects;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BusConnection(IBusObjects? objects, TimeProvider time)
    {
        _objects = objects;
        _time = time;
    }

    /// <summary>Its name on the bus, for example <c>:1.42</c>.</summary>
    public string UniqueName { get; private set; } = "";

    /// <summary>Completes when the connection is lost or disposed; never fails.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Why it was lost; set before <see cref="Closed"/> completes.</summary>
    internal string? Loss { get; private set; }

    /// <summary>Connects and says hello.</summary>
    /// <param name="address">As in <see cref="BusAddress"/>.</param>
    /// <param name="objects">What it exports; null: nothing.</param>
    /// <param name="time">For the limits of calls.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BusConnectionException">There is no bus, or it does not answer.</exception>
    public static async Task<BusConnection> ConnectAsync(string address, IBusObjects? objects, TimeProvider time, CancellationToken cancellationToken)
    {
        var connection = new BusConnection(objects, time);
        connection.StartThread(address);
        try
        {
            await connection._ready.Task.WaitAsync(ConnectTime, time, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            if (e is TimeoutException)
                throw new BusConnectionException($"the bus does not answer within {ConnectTime.TotalSeconds:0} s");
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
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Post(
                () =>
                {
                    for (var i = begin; i < end; i++)
                        SendSignal(signals[i]);
                    _waitingForRoom.Add(room);
                },
                e => room.TrySetException(e));
            await room.Task.ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Completes when the bus has taken all that was sent before. Who answers callers waits for it between two answers: they
    /// may be large, and who does not read them makes the bus stop taking them.
    /// </summary>
    /// <exception cref="BusConnectionException">The connection is lost.</exception>
    public Task UntilTakenAsync()
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => _waitingForEmpty.Add(taken), e => taken.TrySetException(e));
        return taken.Task;
    }

    /// <summary>Sends what is still to be sent, for at most this time, and closes the connection.</summary>
    public async Task CloseAsync(TimeSpan limit)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => _waitingForEmpty.Add(sent), _ => sent.TrySetResult());
        await sent.Task.WaitAsync(limit, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Post(() => _stop = true, static _ => { });
        await _closed.Task.ConfigureAwait(false);
    }

    private static BusConnectionException Lost(string reason = "the connection to the bus is lost") => new(reason);

    private static string Describe(int result) => new Errno(-result).ToString();
}
