using System.Globalization;
using Mandos.Core.Text;
using Mandos.Server.Clients;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;

namespace Mandos.Server.Startup;

/// <summary>Keeps the status that systemctl shows: how many clients have which status, and which one is disabled next.</summary>
/// <param name="notifier">Notifies systemd.</param>
/// <param name="clients">Returns the clients.</param>
/// <param name="time">The clock for the interval.</param>
internal sealed class UnitStatus(ISystemdNotifier notifier, Func<IReadOnlyCollection<ClientState>> clients, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Describes the clients in one line.</summary>
    internal static string Describe(IReadOnlyCollection<ClientState> clients)
    {
        if (clients.Count == 0)
            return "no clients";
        var enabled = clients.Where(client => client.Enabled).ToList();
        var text = string.Create(
            CultureInfo.InvariantCulture, $"clients: {enabled.Count} enabled, {clients.Count - enabled.Count} disabled");
        if (enabled.Count(client => client.ApprovalPending) is > 0 and var pending)
            text += string.Create(CultureInfo.InvariantCulture, $", {pending} waiting for approval");
        if (enabled.Count(client => client.Maintenance is not null) is > 0 and var maintained)
            text += string.Create(CultureInfo.InvariantCulture, $", {maintained} in maintenance");
        if (enabled.Count(client => client.IsExpiryHeld) is > 0 and var held)
            text += string.Create(CultureInfo.InvariantCulture, $", {held} kept enabled in a mass failure");
        return enabled.Where(client => client.Expires is not null).MinBy(client => client.Expires!.Value.Monotonic) is { } next
            ? text + string.Create(
                CultureInfo.InvariantCulture,
                $"; {PrintableText.Of(next.Name)} is disabled at {next.Expires!.Value.Wall:u} unless a check succeeds")
            : text;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(Interval, time);
            var last = "";
            do
            {
                var status = Describe(clients());
                if (status != last)
                    notifier.Notify(new ServiceState($"STATUS={status}"));
                last = status;
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // systemd shows the end of the service.
        }
    }
}
