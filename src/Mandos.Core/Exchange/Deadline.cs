namespace Mandos.Core.Exchange;

/// <summary>A token that is cancelled when a phase of an exchange exceeds its time limit, or when the caller cancels.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;

    internal Deadline(TimeSpan time, TimeProvider provider, CancellationToken cancellationToken)
    {
        _timer = new CancellationTokenSource(time, provider);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellationToken);
    }

    internal CancellationToken Token => _either.Token;

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
