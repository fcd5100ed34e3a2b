namespace Mandos.Core.Exchange;

/// <summary>A token that ends when a phase of an exchange has had its time, or when the caller cancels.</summary>
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
