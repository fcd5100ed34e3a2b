using System.Net;
using System.Net.Sockets;
using Mandos.Core.Linux;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Listening;

/// <summary>Accepts connections until cancelled, and serves each one independently; silent connections do not delay others.</summary>
internal sealed class Listener
{
    /// <summary>
    /// The maximum; the kernel lowers it to net.core.somaxconn. A client that does not fit retries its SYN after a second.
    /// </summary>
    private const int Backlog = 65535;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<Socket> _sockets;
    private readonly ConnectionService _service;
    private readonly PendingConnections _pending;
    private readonly int _mostOpen;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Creates a listener. The caller keeps ownership of the bound sockets.</summary>
    /// <param name="sockets">The bound sockets.</param>
    /// <param name="service">Serves each connection.</param>
    /// <param name="room">The limits on the number of connections.</param>
    /// <param name="time">The clock for pauses.</param>
    /// <param name="logger">Logs messages about connections.</param>
    internal Listener(IReadOnlyList<Socket> sockets, ConnectionService service, ConnectionCapacity room, TimeProvider time, ILogger logger)
    {
        _sockets = sockets;
        _service = service;
        _pending = new PendingConnections(room.Pending, room.PendingOfOneAddress, time);
        _mostOpen = room.Open;
        _time = time;
        _logger = logger;
    }

    /// <summary>
    /// Starts to listen. The kernel accepts connections from now on; they are served after <see cref="RunAsync"/> is called.
    /// </summary>
    internal void Start()
    {
        foreach (var socket in _sockets)
            socket.Listen(Backlog);
    }

    /// <summary>Serves until cancelled; returns when all connections have ended.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var reports = _time.CreateTimer(_ => Report(), null, ReportInterval, ReportInterval).ConfigureAwait(false);
        using var room = new SemaphoreSlim(_mostOpen);
        await Task.WhenAll(_sockets.Select(socket => AcceptAllAsync(socket, room, cancellationToken))).ConfigureAwait(false);
        Task[] rest;
        lock (_gate)
            rest = [.. _running];
        await Task.WhenAll(rest).ConfigureAwait(false);
        Report();
    }

    private async Task AcceptAllAsync(Socket socket, SemaphoreSlim room, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await AcceptAsync(socket, cancellationToken).ConfigureAwait(false) is not { } accepted)
                continue;
            if (await HasRoomAsync(room, cancellationToken).ConfigureAwait(false))
                Serve(accepted, room, cancellationToken);
            else
                accepted.Dispose();
        }
    }

    /// <summary>
    /// Waits until another connection may be opened; false if the server stops. An evicted connection keeps its descriptor until it has
    /// ended, and connections of known clients may use the capacity of others.
    /// </summary>
    private async ValueTask<bool> HasRoomAsync(SemaphoreSlim room, CancellationToken cancellationToken)
    {
        if (room.Wait(0, CancellationToken.None))
            return true;
        _pending.GiveUpOldest();
        try
        {
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<Socket?> AcceptAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            return await socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
        {
            return null;
        }
        catch (SocketException e)
        {
            // Out of descriptors or memory: connections that end free both.
            _logger.CannotAccept(SystemFailure.Reason(e));
            await Task.Delay(PauseAfterFailure, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return null;
        }
    }

    private void Serve(Socket accepted, SemaphoreSlim room, CancellationToken cancellationToken)
    {
        if (accepted.RemoteEndPoint is not IPEndPoint peer)
        {
            accepted.Dispose();
            room.Release();
            return;
        }

        var pending = _pending.Add(peer.Address, cancellationToken);
        // On another thread, which reads what the peer sends first, while the next connection is accepted.
        var task = Task.Run(() => ServeAsync(accepted, peer, pending, room, cancellationToken), CancellationToken.None);
        lock (_gate)
            _running.Add(task);
        _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Forget(Task task)
    {
        lock (_gate)
            _running.Remove(task);
    }

    private async Task ServeAsync(
        Socket accepted, IPEndPoint peer, PendingConnection pending, SemaphoreSlim room, CancellationToken cancellationToken)
    {
        try
        {
            accepted.NoDelay = true;
            await _service.ServeAsync(accepted, pending, _pending, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The connection was evicted, the server is stopping, or the peer disconnected.
        }
        catch (Exception e)
        {
            // An internal error in one connection must not end the service for all.
            _logger.InternalError(e, peer.ToString());
        }
        finally
        {
            _pending.Remove(pending);
            pending.Dispose();
            accepted.Dispose();
            room.Release();
        }
    }

    private void Report()
    {
        _service.Report();
        if (_pending.TakeGivenUp() is > 0 and var count)
            _logger.GivenUp(count);
    }
}
