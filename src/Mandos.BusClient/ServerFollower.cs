namespace Mandos.BusClient;

/// <summary>Keeps the model like the server, whatever server or bus comes and goes, and does what the operator wants.</summary>
/// <param name="model">The model.</param>
/// <param name="connect">Connects to the bus.</param>
/// <param name="changed">Called after each change of the model, from any thread; must not block.</param>
/// <param name="time">The clock.</param>
public sealed class ServerFollower(
    ServerModel model, Func<CancellationToken, Task<ServerConnection>> connect, Action changed, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(16);

    private ServerConnection? _server;

    /// <summary>Follows the server until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        string? reported = null;
        while (true)
        {
            try
            {
                using var server = await connect(cancellationToken).ConfigureAwait(false);
                (pause, reported) = (FirstPause, null);
                await FollowAsync(server, cancellationToken).ConfigureAwait(false);
            }
            catch (BusFailure failure)
            {
                // The same again is not worth a line.
                if (failure.Message != reported)
                    Fail("", failure);
                reported = failure.Message;
            }

            Volatile.Write(ref _server, null);
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LastPause ? pause * 2 : LastPause;
        }
    }

    /// <summary>Does something with the server; the model takes a failure.</summary>
    public async Task DoAsync(string what, Func<ServerConnection, Task> act)
    {
        try
        {
            await CallAsync(act).ConfigureAwait(false);
        }
        catch (BusFailure failure)
        {
            Fail($"{what}: ", failure);
        }
    }

    /// <summary>Does something with the server.</summary>
    /// <exception cref="BusFailure">It failed, or there is no connection.</exception>
    public async Task CallAsync(Func<ServerConnection, Task> act)
    {
        try
        {
            if (Volatile.Read(ref _server) is not { } server)
                throw new BusFailure(BusFailureKind.Bus, "there is no connection to the system bus", "check 'systemctl status dbus'");
            await act(server).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            throw new BusFailure(BusFailureKind.Bus, "the connection to the system bus is lost", "try again");
        }
    }

    private async Task FollowAsync(ServerConnection server, CancellationToken cancellationToken)
    {
        // Released when the list must be read again, and completed when the connection is lost.
        using var again = new SemaphoreSlim(0);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lock (model.Lock)
            model.AwaitList();
        await server.WatchAsync(signal => Take(signal, again, lost), lost.Token).ConfigureAwait(false);
        Volatile.Write(ref _server, server);
        try
        {
            while (true)
            {
                await LoadAsync(server, lost.Token).ConfigureAwait(false);
                await again.WaitAsync(lost.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The connection is lost, which is logged.
        }
    }

    private void Take(ServerSignal signal, SemaphoreSlim again, CancellationTokenSource lost)
    {
        lock (model.Lock)
        {
            model.Apply(signal);
            if (signal is ServerSignal.Appeared)
                model.AwaitList();
        }

        try
        {
            if (signal is ServerSignal.Appeared)
                again.Release();
            else if (signal is ServerSignal.Lost)
                lost.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // A signal that was on its way when the connection was given up.
        }

        changed();
    }

    private async Task LoadAsync(ServerConnection server, CancellationToken cancellationToken)
    {
        IReadOnlyList<ClientState>? clients = null;
        try
        {
            clients = await server.ClientsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (BusFailure failure) when (failure.Kind == BusFailureKind.NoServer)
        {
            // The model says so.
        }

        lock (model.Lock)
            model.Load(clients);
        changed();
    }

    private void Fail(string what, BusFailure failure)
    {
        lock (model.Lock)
            model.Fail(what, failure);
        changed();
    }
}
