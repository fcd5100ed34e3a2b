using Mandos.Server.Listening;
using Mandos.Server.Publishing;
using Microsoft.Extensions.Hosting;

namespace Mandos.Server.Startup;

/// <summary>The service as the host sees it: serves and announces until stopped.</summary>
internal sealed class MandosService(Listener listener, ServicePublication? publication) : BackgroundService
{
    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(listener.RunAsync(stoppingToken), publication?.RunAsync(stoppingToken) ?? Task.CompletedTask);
}
