using System.Runtime.InteropServices;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Hosting;

/// <summary>
/// SIGINT, SIGHUP and SIGTERM, except those that were ignored when the program started. The first one requests the end; when everything is
/// undone, the program dies of it, as its parent expects.
/// </summary>
internal sealed partial class TerminationSignals : IDisposable
{
    private readonly CancellationTokenSource _requested = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _first;

    /// <summary>Starts to catch the signals.</summary>
    internal TerminationSignals()
    {
        foreach (var (signal, number)
            in new[] { (PosixSignal.SIGINT, Signals.Int), (PosixSignal.SIGHUP, Signals.Hup), (PosixSignal.SIGTERM, Signals.Term) })
        {
            if (!SignalDisposition.IsIgnored(number))
                _registrations.Add(PosixSignalRegistration.Create(signal, context => Request(context, number)));
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    internal CancellationToken Requested => _requested.Token;

    /// <summary>The number of the first signal; 0 if there was none.</summary>
    internal int First => Volatile.Read(ref _first);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _requested.Dispose();
    }

    private void Request(PosixSignalContext context, int number)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _first, number, 0) == 0)
            _requested.Cancel();
    }
}
