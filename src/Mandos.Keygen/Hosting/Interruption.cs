using System.Runtime.InteropServices;

namespace Mandos.Keygen.Hosting;

/// <summary>Turns the signals that would end the program into a cancellation, so that it can clean up first.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly PosixSignalRegistration[] _signals;
    private volatile bool _isSuspended;

    public Interruption(CancellationToken outer)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(outer);
        _signals =
            [
                .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(
                    signal => PosixSignalRegistration.Create(signal, Interrupt))];
    }

    public CancellationToken Token => _source.Token;

    /// <summary>During a question, which cannot be cancelled, the signals end the program.</summary>
    public T Suspended<T>(Func<T> question)
    {
        _isSuspended = true;
        try
        {
            return question();
        }
        finally
        {
            _isSuspended = false;
        }
    }

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
        _source.Dispose();
    }

    private void Interrupt(PosixSignalContext context)
    {
        if (_isSuspended)
            return;
        context.Cancel = true;
        _source.Cancel();
    }
}
