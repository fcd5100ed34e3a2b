using Mandos.Server.Bus;
using Mandos.Server.Clients.Registry;
using Mandos.Server.Listening;
using Mandos.Server.Publishing;
using Microsoft.Extensions.Hosting;

namespace Mandos.Server.Startup;

/// <summary>
/// The service as the host sees it: it decides, serves, announces and reloads until stopped. The decision loop stops last, so that the ends
/// of all connections are processed and saved; if it ends by itself, everything stops. Signals are sent on the bus until the end.
/// </summary>
internal sealed class ServerHost(
    ClientRegistry registry, Listener listener, ServicePublication? publication, ConfigurationReloads reloads, ClientBus? bus)
    : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        using var ended = new CancellationTokenSource();
        using var told = new CancellationTokenSource();
        var telling = bus?.RunAsync(told.Token) ?? Task.CompletedTask;
        var deciding = registry.RunAsync(ended.Token);
        var serving = Task.WhenAll(
            listener.RunAsync(ending.Token),
            publication?.RunAsync(ending.Token) ?? Task.CompletedTask,
            reloads.RunAsync(ending.Token));
        _ = await Task.WhenAny(deciding, serving).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        try
        {
            await serving.ConfigureAwait(false);
            await ended.CancelAsync().ConfigureAwait(false);
            await deciding.ConfigureAwait(false);
        }
        finally
        {
            await told.CancelAsync().ConfigureAwait(false);
            await telling.ConfigureAwait(false);
        }
    }
}
