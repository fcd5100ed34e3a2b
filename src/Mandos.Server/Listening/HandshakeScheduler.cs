using System.Net;

namespace Mandos.Server.Listening;

/// <summary>
/// Which handshake may be computed with now. Each step costs up to some milliseconds of a processor before the peer has shown
/// anything; a few are let in at a time, by rank, and in turn within a rank, so that a peer that opens a thousand connections
/// only keeps itself waiting.
/// </summary>
/// <param name="atOnce">How many at a time.</param>
internal sealed class HandshakeScheduler(int atOnce)
{
    private readonly Lock _gate = new();
    private readonly FairQueue<TaskCompletionSource<IDisposable?>>[] _ranks =
        [.. Enumerable.Range(0, HandshakeRank.Count).Select(_ => new FairQueue<TaskCompletionSource<IDisposable?>>())];
    private int _free = atOnce;

    /// <summary>Waits for the turn of an address; it lasts until the result is disposed.</summary>
    /// <param name="address">Whose.</param>
    /// <param name="rank">Who goes first (<see cref="HandshakeRank"/>).</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled before.</exception>
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
            // A rank whose turn never comes would keep all that ever waited in it.
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
            foreach (var rank in _ranks)
            {
                while (rank.TryTake(out var next))
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
