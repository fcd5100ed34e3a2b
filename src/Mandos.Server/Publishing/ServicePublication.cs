using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Server.Publishing.Avahi;
using Mandos.Server.Publishing.Responder;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Publishing;

/// <summary>
/// Announces the service: through avahi-daemon while there is one on the system bus, as every service of the platform does;
/// by the own responder while there is none. Either may come and go; the other one then takes over, and never are both at it.
/// </summary>
/// <param name="settings">What is announced, and where.</param>
/// <param name="name">Its name.</param>
/// <param name="bus">Where the system bus is.</param>
/// <param name="respond">The own responder: announces until cancelled, then says goodbye.</param>
/// <param name="time">For pauses and limits.</param>
/// <param name="logger">For what happens.</param>
internal sealed class ServicePublication(
    PublicationSettings settings, ServiceName name, string bus, Func<CancellationToken, Task> respond, TimeProvider time, ILogger logger)
{
    /// <summary>A bus that is there but says nothing must not keep the service from being announced.</summary>
    private static readonly TimeSpan BusPatience = TimeSpan.FromSeconds(2);

    /// <summary>Before a bus that refuses is asked again.</summary>
    private static readonly TimeSpan BusPause = TimeSpan.FromSeconds(30);

    /// <summary>Announces until cancelled, then says goodbye.</summary>
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

    /// <summary>Until it is known whether there is an avahi-daemon nothing is announced; but that wait is short.</summary>
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
            // Not avahi-daemon's but the bus's own.
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
