using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>
/// Detects that the process did not run: stopped by a signal, a debugger or a freezer, or starved. A suspended machine is a different case:
/// its monotonic clock stops too.
/// </summary>
internal sealed class Standstill(TimeProvider time)
{
    private TimeSpan? _ran;

    /// <summary>How often the loop calls Look at least; null turns the detection off.</summary>
    internal TimeSpan? Heartbeat { get; set; }

    /// <summary>When the loop must call Look again, by the monotonic clock; null if never.</summary>
    internal TimeSpan? Next => _ran + Heartbeat;

    /// <summary>
    /// Records that the loop runs. Returns how long the process did not run, if the gap is much longer than it should be.
    /// </summary>
    internal TimeSpan? Look()
    {
        if (Heartbeat is not { } heartbeat)
            return null;
        var now = Moment.Now(time).Monotonic;
        var span = now - _ran;
        _ran = now;
        return span > 2 * heartbeat ? span : null;
    }

    internal static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;
}

/// <summary>Log messages about standstills.</summary>
internal static partial class StandstillLog
{
    [LoggerMessage(
        130, LogLevel.Warning,
        "the server was not running for {Seconds:F0} s (stopped, frozen or starved): each client whose last check succeeded gets "
            + "one more check")]
    internal static partial void StoodStill(this ILogger logger, double seconds);
}
