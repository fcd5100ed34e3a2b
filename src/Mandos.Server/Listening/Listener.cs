using System.Net;
using System.Net.Sockets;
using Mandos.Core.Linux;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Listening;

/// <summary>Accepts connections until cancelled, and serves each independently; silent ones do not delay others.</summary>
internal sealed class Listener
{
    /// <summary>As many as the kernel allows (net.core.somaxconn): who does not fit in waits a second before it asks again.</summary>
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

    /// <summary>Bound sockets; they stay the caller's.</summary>
    /// <param name="sockets">Where connections come from.</param>
    /// <param name="service">What is done with each.</param>
    /// <param name="room">How many connections there can be.</param>
    /// <param name="time">For pauses.</param>
    /// <param name="logger">About connections.</param>
    internal Listener(IReadOnlyList<Socket> sockets, ConnectionService service, ConnectionCapacity room, TimeProvider time, ILogger logger)
    {
        _sockets = sockets;
        _service = service;
        _pending = new PendingConnections(room.Pending, room.PendingOfOneAddress, time);
        _mostOpen = room.Open;
        _time = time;
        _logger = logger;
    }

    /// <summary>Starts to listen; from here on connections are taken, though not served before <see cref="RunAsync"/>.</summary>
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
    /// Waits for room if there is none: one that is given up for another keeps its descriptor until it has ended, and those of
    /// known clients may have taken what others could have. False if the server stops.
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
            // No descriptors or no memory: connections that end make room again.
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
        // On another thread: what a peer sends first is read there, and the next one is accepted meanwhile.
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
            // Given up for another one, or the server stops, or the peer went away at once.
        }
        catch (Exception e)
        {
            // An internal error in the handling of one connection must not end the service for all.
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
