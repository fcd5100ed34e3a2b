using System.Net;

namespace Mandos.Server.Listening;

/// <summary>
/// Schedules handshake steps. A step can cost some milliseconds of processor time before the peer has proved anything. Only a few run at
/// the same time, by rank, with a share for lower ranks, and within a rank in turn, so that a peer that opens a thousand connections delays
/// only itself.
/// </summary>
/// <param name="atOnce">How many steps may run at the same time.</param>
internal sealed class HandshakeScheduler(int atOnce)
{
    /// <summary>
    /// One turn in so many goes to addresses from which no client has come, if one of them waits: a client that makes handshakes without
    /// end must not stop the others.
    /// </summary>
    private const int ShareOfOthers = 4;

    private readonly Lock _gate = new();
    private readonly FairQueue<TaskCompletionSource<IDisposable?>>[] _ranks =
        [.. Enumerable.Range(0, HandshakeRank.Count).Select(_ => new FairQueue<TaskCompletionSource<IDisposable?>>())];
    private int _free = atOnce;
    private int _returned;

    /// <summary>Waits for a turn, which lasts until the result is disposed.</summary>
    /// <param name="address">The peer's address.</param>
    /// <param name="rank">The rank of the step (<see cref="HandshakeRank"/>).</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    internal async ValueTask<IDisposable?> TakeAsync(IPAddress address, int rank, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource<IDisposable?> waiting;
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return new Turn(this);
            }

            waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _ranks[rank].Add(address, waiting);
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<IDisposable?>)state!).TrySetCanceled(token), waiting).ConfigureAwait(false);
        try
        {
            return await waiting.Task.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Without the removal, a rank that is never served would keep every item that ever waited in it.
            lock (_gate)
                _ranks[rank].Remove(address, waiting);
            throw;
        }
    }

    private void Return()
    {
        var turn = new Turn(this);
        lock (_gate)
        {
            var first = ++_returned % ShareOfOthers == 0 ? 1 : 0;
            for (var i = 0; i < _ranks.Length; i++)
            {
                while (_ranks[(first + i) % _ranks.Length].TryTake(out var next))
                {
                    if (next!.TrySetResult(turn))
                        return;
                }
            }

            _free++;
        }
    }

    private sealed class Turn(HandshakeScheduler turns) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
                turns.Return();
        }
    }
}
