using System.Net;

namespace Mandos.Server.Listening;

/// <summary>
/// Who may begin its handshake now. That costs half a millisecond of a processor, before the peer has shown anything; a few
/// are let in at a time, in turn, so that who sends a thousand greetings keeps itself waiting; those from where a client
/// came before go first.
/// </summary>
/// <param name="atOnce">How many at a time.</param>
internal sealed class HandshakeTurns(int atOnce)
{
    private readonly Lock _gate = new();
    private readonly TurnQueue<TaskCompletionSource<IDisposable?>> _proven = new();
    private readonly TurnQueue<TaskCompletionSource<IDisposable?>> _others = new();
    private int _free = atOnce;

    /// <summary>Waits for the turn of an address; it lasts until the result is disposed.</summary>
    /// <param name="address">Whose.</param>
    /// <param name="isProven">Whether a client came from there before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled before.</exception>
    internal async ValueTask<IDisposable?> TakeAsync(IPAddress address, bool isProven, CancellationToken cancellationToken)
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
            (isProven ? _proven : _others).Add(address, waiting);
        }

        // One that gives up stays in its queue, and is passed over when it comes up.
        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<IDisposable?>)state!).TrySetCanceled(token), waiting).ConfigureAwait(false);
        return await waiting.Task.ConfigureAwait(false);
    }

    private void Return()
    {
        var turn = new Turn(this);
        lock (_gate)
        {
            while (_proven.TryTake(out var next) || _others.TryTake(out next))
            {
                if (next!.TrySetResult(turn))
                    return;
            }

            _free++;
        }
    }

    private sealed class Turn(HandshakeTurns turns) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
                turns.Return();
        }
    }
}
