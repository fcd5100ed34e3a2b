using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>
/// Logs what a stop is waiting for if it takes long, for example a disk that does not respond. The wait continues: the limit is the unit's
/// TimeoutStopSec=, and no client is affected any more.
/// </summary>
internal sealed class StopProgress(ILogger life, TimeProvider time) : IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), Reminder = TimeSpan.FromSeconds(30);

    private ITimer? _timer;

    /// <summary>Sets what the stop is waiting for now.</summary>
    internal void WaitsFor(string what)
    {
        _timer?.Dispose();
        _timer = time.CreateTimer(_ => life.StillStopping(what), null, Patience, Reminder);
    }

    /// <inheritdoc />
    public void Dispose() => _timer?.Dispose();
}
