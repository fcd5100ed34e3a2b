using System.Collections.Immutable;
using System.Net.Sockets;
using System.Threading.Channels;
using Mandos.Core.Linux;

namespace Mandos.Client.Network;

/// <summary>
/// The network for the time of one run: hooks, interfaces, routes. Whatever was begun is undone by <see cref="StopAsync"/>,
/// also when starting was cancelled half-way. It reads nothing that comes from the network.
/// <code>
/// hooks start ─▶ interfaces chosen ─▶ brought up ─▶ … new ones too, until stopped … ─▶ routes ─▶ hooks stop ─▶ taken down
/// └────────── StartAsync ─────────┘ └──────────── in the background ─────────────┘ └────────────── StopAsync ────────────┘
/// </code>
/// </summary>
internal sealed class NetworkSession : IAsyncDisposable
{
    private readonly NetworkOptions _options;
    private readonly InterfaceSelection _selection;
    private readonly UsableInterfaces _usable;
    private readonly LinkMonitor _monitor;
    private readonly NetlinkControl _netlink;
    private readonly InterfaceControl _interfaces;
    private readonly Channel<InterfaceChange> _changes = Channel.CreateUnbounded<InterfaceChange>();
    private readonly TaskCompletionSource _firstUsable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private NetworkHooks? _hooks;
    private Task _watching = Task.CompletedTask;
    private Task? _stopped;
    private long _chosenAt;

    private NetworkSession(NetworkOptions options, LinkMonitor monitor, NetlinkControl netlink)
    {
        _options = options;
        _monitor = monitor;
        _netlink = netlink;
        _selection = InterfaceSelection.Parse(options.InterfaceLists, options.Connect is not null);
        _usable = new UsableInterfaces(_selection);
        _interfaces = new InterfaceControl(netlink, new DuplicateDetection(), options.Warn);
        Routes = new HostRoutes(netlink, options.Warn);
    }

    /// <summary>The chosen interfaces as they are now, in their order; may be empty when those named do not exist yet.</summary>
    public ImmutableArray<LinkState> Chosen { get; private set; } = [];

    /// <summary>False if none were named and none that is good appeared within the delay: the run has to end with exit code 1.</summary>
    public bool HasInterfaces => !_selection.IsAutomatic || !Chosen.IsEmpty;

    /// <summary>Temporary routes to servers.</summary>
    public HostRoutes Routes { get; }

    /// <summary>
    /// Runs the hooks and chooses the interfaces, then lets them come up in the background. So the caller can go on at
    /// once, and hear by <see cref="ReadChangesAsync"/> when there is something to use.
    /// </summary>
    /// <exception cref="SocketException">The kernel has no rtnetlink for us.</exception>
    /// <exception cref="OperationCanceledException">Everything is undone already.</exception>
    public static async Task<NetworkSession> StartAsync(NetworkOptions options, CancellationToken cancellationToken)
    {
        if (!LinkMonitor.TryOpen(out var monitor, out var error))
            throw new SocketException(error.Code);
        if (!NetlinkControl.TryOpen(out var netlink, out error))
        {
            monitor.Dispose();
            throw new SocketException(error.Code);
        }
        var session = new NetworkSession(options, monitor, netlink);
        try
        {
            await session.BeginAsync(cancellationToken);
            return session;
        }
        catch
        {
            await session.StopAsync();
            throw;
        }
    }

    /// <summary>The chosen interfaces that become usable and cease to be, from the start on, until the session stops. One reader.</summary>
    public IAsyncEnumerable<InterfaceChange> ReadChangesAsync(CancellationToken cancellationToken) =>
        _changes.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Waits until one chosen interface can be used. False if none can when the delay, counted from their choice, is over.</summary>
    public async Task<bool> WaitForUsableAsync(CancellationToken cancellationToken)
    {
        var rest = WaitingTime - _options.Time.GetElapsedTime(_chosenAt);
        if (rest > TimeSpan.Zero)
            await Task.WhenAny(_firstUsable.Task, Task.Delay(rest, _options.Time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return _firstUsable.Task.IsCompleted;
    }

    /// <summary>Undoes everything. May be called again and from several places: all wait for the one end.</summary>
    public Task StopAsync()
    {
        lock (_stopping)
            return _stopped ??= UndoAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await StopAsync();

    // What timers can do; nobody waits that long.
    private TimeSpan WaitingTime => TimeSpan.FromSeconds(Math.Clamp(_options.Delay.TotalSeconds, 0, 1e6));

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        Take(await _monitor.ReadAsync(cancellationToken));
        foreach (var name in _selection.Missing(_monitor.Links))
            _options.Warn($"interface \"{name}\" does not exist; it will be used if it appears");
        _hooks = new NetworkHooks(_options, _selection.DeviceVariable(_monitor.Links));
        await _hooks.StartAsync(cancellationToken);
        // The hooks may have made interfaces.
        Take(await _monitor.SynchronizeAsync(cancellationToken));
        _chosenAt = _options.Time.GetTimestamp();
        if (!HasInterfaces)
            await WaitForInterfaceAsync(cancellationToken);
        if (HasInterfaces)
            _watching = WatchAsync(_stopping.Token);
        else
            _changes.Writer.TryComplete();
    }

    private async Task WaitForInterfaceAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(WaitingTime, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (!HasInterfaces)
                Take(await _monitor.ReadAsync(either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // None appeared.
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A driver may take its time to open a device; nobody shall wait for it here.
            await Task.Factory.StartNew(BringUpChosen, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            while (true)
            {
                Take(await _monitor.ReadAsync(cancellationToken));
                BringUpChosen();
            }
        }
        catch (OperationCanceledException)
        {
            // The session stops.
        }
        catch (SocketException exception)
        {
            _options.Warn($"cannot watch the network interfaces any longer: {exception.Message}");
        }
        finally
        {
            _changes.Writer.TryComplete();
        }
    }

    private void BringUpChosen()
    {
        foreach (var link in Chosen.Where(_selection.BringsUp).TakeWhile(_ => !_stopping.IsCancellationRequested))
            _interfaces.BringUp(link);
    }

    private void Take(IReadOnlyList<LinkChange> changes)
    {
        foreach (var change in changes)
        {
            if (change.State is null)
                _interfaces.Forget(change.Index);
            if (_usable.Apply(change) is not { } usable)
                continue;
            _options.Debug?.Invoke($"interface \"{usable.Name}\" {(usable.Usable ? "can be used" : "cannot be used any more")}");
            _changes.Writer.TryWrite(usable);
            if (usable.Usable)
                _firstUsable.TrySetResult();
        }
        Chosen = [.. _selection.Choose(_monitor.Links)];
    }

    private async Task UndoAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _watching;
            _changes.Writer.TryComplete();
            Routes.RemoveAll();
            if (_hooks is not null)
                await _hooks.StopAsync();
        }
        finally
        {
            await RefreshAsync();
            _interfaces.TakeDown(_monitor.Links);
            _monitor.Dispose();
            _netlink.Dispose();
            _stopping.Dispose();
        }
    }

    /// <summary>What is taken down, and under which name its settings are found, goes by the state of now.</summary>
    private async Task RefreshAsync()
    {
        try
        {
            await _monitor.SynchronizeAsync(CancellationToken.None);
        }
        catch (SocketException)
        {
            // Then by the last known state.
        }
    }
}
