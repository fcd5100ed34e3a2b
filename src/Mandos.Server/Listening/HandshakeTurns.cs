using System.Net;

namespace Mandos.Server.Listening;

/// <summary>
/// Who may begin its handshake now. That costs half a millisecond of a processor, before the peer has shown anything; a few
/// are let in at a time, one address after the other, so that who sends a thousand greetings keeps itself waiting.
/// </summary>
/// <param name="atOnce">How many at a time.</param>
internal sealed class HandshakeTurns(int atOnce)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Queue<TaskCompletionSource<IDisposable?>>> _byAddress = [];
    private readonly Queue<IPAddress> _round = [];
    private int _free = atOnce;

    /// <summary>Waits for the turn of an address; it lasts until the result is disposed.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before.</exception>
    internal async ValueTask<IDisposable?> TakeAsync(IPAddress address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiting = new TaskCompletionSource<IDisposable?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return new Turn(this);
            }

            if (!_byAddress.TryGetValue(address, out var own))
            {
                _byAddress.Add(address, own = []);
                _round.Enqueue(address);
            }

            own.Enqueue(waiting);
        }

        // One that gives up stays in its queue, and is passed over when it comes up.
        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<IDisposable?>)state!).TrySetCanceled(token), waiting).ConfigureAwait(false);
        return await waiting.Task.ConfigureAwait(false);
    }

    private void Return()
    {
        lock (_gate)
        {
            while (_round.TryDequeue(out var address))
            {
                var own = _byAddress[address];
                var granted = false;
                while (!granted && own.TryDequeue(out var next))
                    granted = next.TrySetResult(new Turn(this));
                if (own.Count == 0)
                    _byAddress.Remove(address);
                else
                    _round.Enqueue(address);
                if (granted)
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
