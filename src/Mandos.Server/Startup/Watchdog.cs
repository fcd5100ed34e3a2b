using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;

namespace Mandos.Server.Startup;

/// <summary>
/// Notifies systemd that the server is alive (WatchdogSec= of its unit) each time the loop that decides about clients responds. systemd
/// restarts a server that hangs.
/// </summary>
/// <param name="notifier">Notifies systemd.</param>
/// <param name="isAlive">Completes when the loop responds.</param>
/// <param name="interval">The interval; half of what systemd allows.</param>
/// <param name="time">The clock for the interval.</param>
internal sealed class Watchdog(ISystemdNotifier notifier, Func<CancellationToken, Task> isAlive, TimeSpan interval, TimeProvider time)
    : BackgroundService
{
    /// <summary>Returns half of what systemd allows between two notifications; null if it does not expect any.</summary>
    /// <param name="variable">Reads an environment variable: WATCHDOG_USEC and WATCHDOG_PID, sd_watchdog_enabled(3).</param>
    /// <param name="process">Our process ID.</param>
    internal static TimeSpan? Interval(Func<string, string?> variable, int process)
    {
        var isOurs = variable("WATCHDOG_PID") is not { } other || other == process.ToString(CultureInfo.InvariantCulture);
        return isOurs
            && long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            && microseconds > 1
            ? TimeSpan.FromMicroseconds(microseconds / 2.0)
            : null;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(interval, time);
            do
            {
                await isAlive(stoppingToken).ConfigureAwait(false);
                notifier.Notify(new ServiceState("WATCHDOG=1"));
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The server is stopping, which systemd accepts as a sign of life too.
        }
    }
}
