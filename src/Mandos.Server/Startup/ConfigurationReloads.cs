using System.Diagnostics;
using System.Threading.Channels;
using Mandos.Core.Linux;
using Mandos.Server.ClientFiles;
using Mandos.Server.Logging;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Startup;

/// <summary>Reloads the client configuration on request, one reload after the other.</summary>
/// <param name="clients">Applies the configuration.</param>
/// <param name="files">Reads the configuration.</param>
/// <param name="privileged">The thread that reads it.</param>
/// <param name="notifier">Notifies systemd of the reload.</param>
/// <param name="life">Logs a reload that met an internal error.</param>
internal sealed class ConfigurationReloads(
    ClientHost clients, ClientsReload files, PrivilegedThread privileged, ISystemdNotifier notifier, ILogger life)
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    /// <summary>Holds one request at most: further ones are served by the same reload.</summary>
    private readonly Channel<bool> _wishes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Requests a reload; returns immediately.</summary>
    internal void Request() => _wishes.Writer.TryWrite(true);

    /// <summary>Serves requests until cancelled.</summary>
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
            // The server is stopping.
        }
    }

    private async Task ReloadAsync(CancellationToken cancellationToken)
    {
        // A stop waits for the reload, but not for a disk that does not respond.
        using var patience = new CancellationTokenSource();
        using var stopping = cancellationToken.UnsafeRegister(_ => patience.CancelAfter(StopPatience), null);
        // sd_notify(3): the timestamp distinguishes this reload from an earlier one.
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
            // The server continues: a failed reload must not prevent machines from booting. The next reload starts from scratch.
            files.Dispose();
            life.ReloadFailed(SystemFailure.Reason(e));
        }

        notifier.Notify(ServiceState.Ready);
    }
}
