using System.Net.Sockets;

namespace Mandos.Client.Retrieval;

/// <summary>
/// Connects to one address: as long as nobody answers, further attempts begin beside the first, and the first that is
/// answered wins. An interface that has just come up may swallow what is sent first, or send it from an address that it
/// soon has no more; the kernel sticks to that for a connection once begun.
/// </summary>
/// <param name="connect">One attempt.</param>
/// <param name="time">Where all time comes from.</param>
internal sealed class ConnectionRace<T>(Func<CancellationToken, Task<T>> connect, TimeProvider time)
    where T : class, IDisposable
{
    /// <summary>When further attempts begin, after the one before.</summary>
    internal static readonly IReadOnlyList<TimeSpan> Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    /// <summary>For all attempts together.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly List<Task<Answer>> _running = [];

    private readonly record struct Answer(T? Connection, SocketError Error);

    /// <summary>The connection, which the caller owns, or why there is none. Once.</summary>
    internal async Task<(T? Connection, SocketError Error)> RunAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            for (var begun = 0; !end.IsCancellationRequested; begun++)
            {
                _running.Add(TryAsync(end.Token));
                var pause = Task.Delay(begun < Pauses.Count ? Pauses[begun] : Timeout.InfiniteTimeSpan, time, end.Token);
                if (await FirstAnswerAsync(pause) is { } answer)
                    return (answer.Connection, answer.Error);
            }

            cancellationToken.ThrowIfCancellationRequested();
            return (null, SocketError.TimedOut);
        }
        finally
        {
            await end.CancelAsync();
            foreach (var late in _running)
                (await late).Connection?.Dispose();
        }
    }

    /// <summary>Null when the pause is over. A refusal counts when nobody else may still connect.</summary>
    private async Task<Answer?> FirstAnswerAsync(Task pause)
    {
        while (await Task.WhenAny([.. _running, pause]) is Task<Answer> answered)
        {
            _running.Remove(answered);
            var answer = await answered;
            if (answer.Connection is not null || _running.Count == 0)
                return answer;
        }

        return null;
    }

    private async Task<Answer> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new(await connect(cancellationToken), SocketError.Success);
        }
        catch (SocketException exception)
        {
            return new(null, exception.SocketErrorCode);
        }
        catch (OperationCanceledException)
        {
            return new(null, SocketError.TimedOut);
        }
    }
}
