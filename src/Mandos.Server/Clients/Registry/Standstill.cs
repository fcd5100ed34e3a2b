using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>
/// Finds out that the process did not run: stopped by a signal, a debugger or a freezer, or starved. A machine that sleeps is
/// something else: its monotonic clock stands still too.
/// </summary>
internal sealed class Standstill(TimeProvider time)
{
    private TimeSpan? _ran;

    /// <summary>How often the loop looks here at least; null: it is not looked at.</summary>
    internal TimeSpan? Heartbeat { get; set; }

    /// <summary>When the loop is to look again, by the monotonic clock; null: never.</summary>
    internal TimeSpan? Next => _ran + Heartbeat;

    /// <summary>The loop runs. How long it did not, if that is much longer than it should be.</summary>
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

/// <summary>The process itself did not run.</summary>
internal static partial class StandstillLog
{
    [LoggerMessage(
        130, LogLevel.Warning,
        "the server was not running for {Seconds:F0} s (stopped, frozen or starved): each client whose last check succeeded gets "
            + "one more check")]
    internal static partial void StoodStill(this ILogger logger, double seconds);
}
