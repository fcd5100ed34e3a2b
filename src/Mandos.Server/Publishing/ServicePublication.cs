using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Server.Publishing.Avahi;
using Mandos.Server.Publishing.Responder;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Publishing;

/// <summary>
/// Announces the service: through avahi-daemon while it is on the system bus, as is usual on the platform; otherwise with our own
/// responder. Either may start or stop at any time; the other one then takes over, and never do both announce at the same time.
/// </summary>
/// <param name="settings">What to announce, and where.</param>
/// <param name="name">The name of the service.</param>
/// <param name="bus">The address of the system bus.</param>
/// <param name="respond">Our own responder: announces until cancelled, then sends a goodbye.</param>
/// <param name="time">The clock for pauses and limits.</param>
/// <param name="logger">Logs events.</param>
internal sealed class ServicePublication(
    PublicationSettings settings, ServiceName name, string bus, Func<CancellationToken, Task> respond, TimeProvider time, ILogger logger)
{
    /// <summary>The time limit for a bus that does not respond, which must not prevent the announcement.</summary>
    private static readonly TimeSpan BusPatience = TimeSpan.FromSeconds(2);

    /// <summary>The pause after a bus refused the connection.</summary>
    private static readonly TimeSpan BusPause = TimeSpan.FromSeconds(30);

    /// <summary>Announces until cancelled, then sends a goodbye.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var responder = new ResponderSwitch(respond);
        await using (responder.ConfigureAwait(false))
        {
            var noBus = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var beginning = BeginAsync(responder, noBus.Task, cancellationToken);
            await new BusReconnection(bus, null, time).RunAsync(PublishAsync, Report, cancellationToken).ConfigureAwait(false);
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await beginning.ConfigureAwait(false);

            void Report(BusConnectionException reason)
            {
                logger.NoBusToAvahi(reason.Message);
                noBus.TrySetResult();
            }

            Task PublishAsync(BusConnection connection, CancellationToken lostOrEnded) =>
                PublishThroughAvahiAsync(connection, responder, lostOrEnded, cancellationToken);
        }
    }

    /// <summary>Waits a short time until it is known whether avahi-daemon is running; nothing is announced before.</summary>
    private async Task BeginAsync(ResponderSwitch responder, Task noBus, CancellationToken cancellationToken)
    {
        await noBus.WaitAsync(BusPatience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellationToken.IsCancellationRequested)
            await responder.TurnOnFirstAsync().ConfigureAwait(false);
    }

    private async Task PublishThroughAvahiAsync(
        BusConnection connection, ResponderSwitch responder, CancellationToken lostOrEnded, CancellationToken ended)
    {
        try
        {
            await using var session = new AvahiSession(connection, settings, name, responder, logger);
            await session.RunAsync(lostOrEnded).ConfigureAwait(false);
        }
        catch (BusException e)
        {
            // An error of the bus, not of avahi-daemon.
            logger.NotThroughAvahi(e.Message);
            await responder.TurnOnAsync().ConfigureAwait(false);
            await Task.Delay(BusPause, time, lostOrEnded).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            if (!ended.IsCancellationRequested)
                await responder.TurnOnAsync().ConfigureAwait(false);
        }
    }
}
