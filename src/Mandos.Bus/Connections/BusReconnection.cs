using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>A connection that is made again whenever it is lost, with pauses that grow.</summary>
/// <param name="address">As in <see cref="BusAddress"/>.</param>
/// <param name="objects">What each connection exports; null: nothing.</param>
/// <param name="time">For the pauses.</param>
public sealed class BusReconnection(string address, IBusObjects? objects, TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Connects, lets <paramref name="use"/> work with the connection until that is lost or the work is done, and begins
    /// again; until cancelled, or until it is of no use.
    /// </summary>
    /// <param name="use">
    /// What is done with a connection; its own token ends with the connection. A connection that is to be closed in good order is
    /// closed by it.
    /// </param>
    /// <param name="report">Called once for each time without a bus, or with one that refuses a request, with the reason.</param>
    /// <param name="cancellationToken">Ends it; <paramref name="use"/> is waited for.</param>
    public async Task RunAsync(
        Func<BusConnection, CancellationToken, Task> use, Action<BusConnectionException> report, CancellationToken cancellationToken)
    {
        var pause = Shortest;
        var (told, refused) = (false, false);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var connection = await BusConnection.ConnectAsync(address, objects, time, cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    if (!refused)
                        (pause, told) = (Shortest, false);
                    await UseAsync(connection, use, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (BusConnectionException e)
            {
                if (!told || refused)
                    report(e);
                (told, refused) = (true, false);
                if (e.IsPermanent)
                    return;
            }
            catch (BusException e)
            {
                // There is a bus, but it does not do what is wanted, or not in time.
                if (!told)
                    report(new(e.Message));
                (told, refused) = (true, true);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause + pause < Longest ? pause + pause : Longest;
        }
    }

    private static async Task UseAsync(
        BusConnection connection, Func<BusConnection, CancellationToken, Task> use, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var working = use(connection, ended.Token);
        await Task.WhenAny(working, connection.Closed).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        try
        {
            await working.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BusConnectionException(connection.Loss ?? "the connection to the bus was lost");
        }
    }
}
