using System.Diagnostics;
using System.Threading.Channels;
using Mandos.Core.Linux;
using Mandos.Server.ClientFiles;
using Mandos.Server.Logging;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>Reloads the configuration of the clients on request, one reload after the other.</summary>
/// <param name="clients">Who follows it.</param>
/// <param name="files">Reads it.</param>
/// <param name="privileged">Where it is read.</param>
/// <param name="notifier">Gets the news that it is being read.</param>
/// <param name="life">For a reload that met an internal error.</param>
internal sealed class ConfigurationReloads(
    ClientHost clients, ClientsReload files, PrivilegedThread privileged, ISystemdNotifier notifier, ILogger life)
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    /// <summary>A request while another one waits is served with that one.</summary>
    private readonly Channel<bool> _wishes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Requests a reload; returns at once.</summary>
    internal void Request() => _wishes.Writer.TryWrite(true);

    /// <summary>Serves those who want it, until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                _ = await _wishes.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                await ReloadAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private async Task ReloadAsync(CancellationToken cancellationToken)
    {
        // A stop lets it end, but does not wait for a disk that does not answer.
        using var patience = new CancellationTokenSource();
        using var stopping = cancellationToken.UnsafeRegister(_ => patience.CancelAfter(StopPatience), null);
        // sd_notify(3): the time distinguishes this reload from an earlier one.
        var now = Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
        notifier.Notify(new ServiceState(FormattableString.Invariant($"RELOADING=1\nMONOTONIC_USEC={now}")));
        try
        {
            if (privileged.Run(files.Read) is { } reading)
            {
                using (reading)
                {
                    if (await clients.FollowAsync(reading, patience.Token).ConfigureAwait(false))
                        files.Remember(reading);
                    else
                        files.Dispose();
                }
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            files.Dispose();
            life.ReloadNotSaved("the disk does not respond, and the server is stopping");
        }
        catch (Exception e)
        {
            // What runs goes on: no reload is worth every machine's reboot. The next one starts over.
            files.Dispose();
            life.ReloadFailed(SystemFailure.Reason(e));
        }

        notifier.Notify(ServiceState.Ready);
    }
}
