using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>
/// Logs what a stop waits for if that takes long: a disk that does not answer, for example. Nothing is given up: the unit's
/// TimeoutStopSec= is the limit, and no client waits any more.
/// </summary>
internal sealed class StopProgress(ILogger life, TimeProvider time) : IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), Reminder = TimeSpan.FromSeconds(30);

    private ITimer? _timer;

    /// <summary>The stop waits for this from now on, and no longer for what it waited for before.</summary>
    internal void WaitsFor(string what)
    {
        _timer?.Dispose();
        _timer = time.CreateTimer(_ => life.StillStopping(what), null, Patience, Reminder);
    }

    /// <inheritdoc />
    public void Dispose() => _timer?.Dispose();
}
