using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>A connection that is restored whenever it is lost, after growing pauses.</summary>
/// <param name="address">As in <see cref="BusAddress"/>.</param>
/// <param name="objects">The objects that each connection exports; null for none.</param>
/// <param name="time">The clock for the pauses.</param>
public sealed class BusReconnection(string address, IBusObjects? objects, TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Connects, runs <paramref name="use"/> until the connection is lost or the work is done, and starts over; until cancelled, or until
    /// retries are useless.
    /// </summary>
    /// <param name="use">The work with a connection; its token is cancelled when the connection is lost. It may close the connection
    /// itself for an orderly end.</param>
    /// <param name="report">Called with the reason, once for each period without a bus, or with one that refuses a request.</param>
    /// <param name="cancellationToken">Ends the loop, after <paramref name="use"/> has ended.</param>
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
                // The bus exists, but refuses a request or does not answer in time.
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
