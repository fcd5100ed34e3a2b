using System.Net.Sockets;

namespace Mandos.Client.Retrieval;

/// <summary>
/// Connects to one address: while there is no answer, further attempts begin in parallel, and the first one with an answer wins. A new
/// interface may lose the first packets, or send them from an address that it soon loses, and the kernel keeps that address for the whole
/// connection.
/// </summary>
/// <param name="connect">Makes one attempt.</param>
/// <param name="time">The clock.</param>
internal sealed class ConnectionRace(Func<CancellationToken, Task<Socket>> connect, TimeProvider time)
{
    /// <summary>The time limit for all attempts together.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan SecondBegins = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ThirdBegins = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _winner;
    private SocketError _error = SocketError.TimedOut;
    private int _connecting;

    /// <summary>Returns the connection, which the caller owns, or why there is none. May be called only once.</summary>
    internal async Task<(Socket? Connection, SocketError Error)> RunAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var all = Task.WhenAll(
            AttemptAsync(TimeSpan.Zero, end.Token), AttemptAsync(SecondBegins, end.Token), AttemptAsync(ThirdBegins, end.Token));
        await Task.WhenAny(_decided.Task, all);
        await end.CancelAsync();
        await all;
        if (!cancellationToken.IsCancellationRequested)
            return (_winner, _error);
        _winner?.Dispose();
        throw new OperationCanceledException(cancellationToken);
    }

    private async Task AttemptAsync(TimeSpan begins, CancellationToken cancellationToken)
    {
        try
        {
            if (begins > TimeSpan.Zero)
                await Task.Delay(begins, time, cancellationToken);
            lock (_lock)
                _connecting++;
            End(await connect(cancellationToken), SocketError.Success);
        }
        catch (SocketException exception)
        {
            End(null, exception.SocketErrorCode);
        }
        catch (OperationCanceledException)
        {
            // The attempt lost, or the time limit has passed.
        }
    }

    /// <summary>Processes an answer. A refusal decides if no other attempt may still connect.</summary>
    private void End(Socket? connection, SocketError error)
    {
        lock (_lock)
        {
            _connecting--;
            if (_decided.Task.IsCompleted)
            {
                connection?.Dispose();
                return;
            }

            _winner = connection;
            _error = error;
            if (connection is not null || _connecting == 0)
                _decided.TrySetResult();
        }
    }
}
