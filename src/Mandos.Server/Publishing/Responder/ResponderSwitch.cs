namespace Mandos.Server.Publishing.Responder;

/// <summary>Turns our own responder on and off. Turning it off waits for its goodbye, so that nothing is announced twice.</summary>
/// <param name="respond">Announces until cancelled, then sends a goodbye.</param>
internal sealed class ResponderSwitch(Func<CancellationToken, Task> respond) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private CancellationTokenSource? _end;
    private Task _responding = Task.CompletedTask;
    private bool _wasTurned;

    /// <summary>Makes it announce, if it does not already.</summary>
    internal Task TurnOnAsync() => TurnAsync(on: true, onlyFirst: false);

    /// <summary>Turns it on, but only if it has not been turned on or off before.</summary>
    internal Task TurnOnFirstAsync() => TurnAsync(on: true, onlyFirst: true);

    /// <summary>Makes it send a goodbye, if it announces.</summary>
    internal Task TurnOffAsync() => TurnAsync(on: false, onlyFirst: false);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await TurnOffAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    private async Task TurnAsync(bool on, bool onlyFirst)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (onlyFirst && _wasTurned)
                return;
            _wasTurned = true;
            if (on == (_end is not null))
                return;
            if (on)
            {
                _end = new CancellationTokenSource();
                _responding = respond(_end.Token);
                return;
            }

            await _end!.CancelAsync().ConfigureAwait(false);
            await _responding.ConfigureAwait(false);
            _end.Dispose();
            _end = null;
        }
        finally
        {
            _turn.Release();
        }
    }
}
