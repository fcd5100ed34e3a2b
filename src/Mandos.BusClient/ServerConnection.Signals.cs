using Tmds.DBus.Protocol;

namespace Mandos.BusClient;

public sealed partial class ServerConnection
{
    /// <summary>
    /// Has every signal of the server handled, one after the other, on a thread of the connection: the handler must not block.
    /// </summary>
    /// <exception cref="BusFailure">The bus refused.</exception>
    public async Task WatchAsync(Action<ServerSignal> handle, CancellationToken cancellationToken)
    {
        try
        {
            await WatchAsync(new() { Type = MessageType.Signal, Sender = BusNames.Service }, SignalReading.Signal).ConfigureAwait(false);
            await WatchAsync(
                new()
                {
                    Type = MessageType.Signal,
                    Sender = BusNames.Bus,
                    Interface = BusNames.Bus,
                    Member = "NameOwnerChanged",
                    Arg0 = BusNames.Service,
                }, SignalReading.Owner).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw FailureOf.Calling(e, _limit);
        }

        Task WatchAsync(MatchRule rule, MessageValueReader<ServerSignal?> reader) => _bus.AddMatchAsync(
            rule, reader,
            (Notification<ServerSignal?> notification) =>
            {
                if (!notification.HasValue)
                    handle(new ServerSignal.Lost());
                else if (notification.Value is { } signal)
                    handle(signal);
            },
            emitOnCapturedContext: false).AsTask().WaitAsync(_limit, cancellationToken);
    }
}
