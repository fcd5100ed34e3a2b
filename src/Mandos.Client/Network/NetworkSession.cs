using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// The network setup of one run: hooks, interfaces, routes. <see cref="StopAsync"/> undoes everything, even if the start was cancelled
/// halfway. Nothing here reads data from the network.
/// <code>
/// hooks start ─▶ interfaces chosen ─▶ brought up ─▶ … new ones too, until stopped … ─▶ routes ─▶ hooks stop ─▶ taken down
/// └────────── StartAsync ─────────┘ └──────────── in the background ─────────────┘ └────────────── StopAsync ────────────┘
/// </code>
/// </summary>
internal sealed class NetworkSession : IAsyncDisposable
{
    private readonly NetworkOptions _options;
    private readonly InterfaceSelection _selection;
    private readonly LinkMonitor _monitor;
    private readonly NetlinkControl _netlink;
    private readonly InterfaceControl _control;
    private readonly InterfaceWatch _watch;
    private readonly CancellationTokenSource _stopping = new();
    private NetworkHooks? _hooks;
    private Task _watching = Task.CompletedTask;
    private Task _reporting = Task.CompletedTask;
    private Task? _stopped;
    private long _chosenAt;

    private NetworkSession(NetworkOptions options, LinkMonitor monitor, NetlinkControl netlink)
    {
        _options = options;
        _monitor = monitor;
        _netlink = netlink;
        _selection = InterfaceSelection.Parse(options.InterfaceLists, options.Connect is not null, options.PreferredInterfaceLists);
        _control = new InterfaceControl(netlink, new DuplicateDetection(), options);
        _watch = new InterfaceWatch(options, _selection, monitor, _control);
        Routes = new HostRoutes(netlink, options.Warn);
    }

    /// <summary>The currently chosen interfaces, in order; may be empty if the named ones do not exist yet.</summary>
    public ImmutableArray<LinkState> Chosen => _watch.Chosen;

    /// <summary>
    /// False if no names were given and no suitable interface appeared within the delay: the run then ends with exit code 1.
    /// </summary>
    public bool HasInterfaces => !_selection.IsAutomatic || !Chosen.IsEmpty;

    /// <summary>Whether an interface of this name existed at the last change.</summary>
    internal bool HasSeen(string name) => _watch.Links.Any(link => link.Name == name);

    /// <summary>Temporary routes to servers.</summary>
    public HostRoutes Routes { get; }

    /// <summary>
    /// Runs the hooks and chooses the interfaces, which then come up in the background. The caller can continue immediately, and learns
    /// from <see cref="ReadChangesAsync"/> when an interface is usable.
    /// </summary>
    /// <exception cref="SocketException">The kernel does not provide rtnetlink.</exception>
    /// <exception cref="OperationCanceledException">Everything is already undone.</exception>
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

    /// <summary>Reads the changes in which chosen interfaces are usable, from the start until the session stops. For one reader.</summary>
    public IAsyncEnumerable<InterfaceChange> ReadChangesAsync(CancellationToken cancellationToken) =>
        _watch.Changes.ReadAllAsync(cancellationToken);

    /// <summary>Waits until a chosen interface is usable. False if there is none when the delay since the choice has passed.</summary>
    public async Task<bool> WaitForUsableAsync(CancellationToken cancellationToken)
    {
        var rest = Delay - _options.Time.GetElapsedTime(_chosenAt);
        if (rest > TimeSpan.Zero)
            await Task.WhenAny(_watch.FirstUsable, Task.Delay(rest, _options.Time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return _watch.FirstUsable.IsCompleted;
    }

    /// <summary>Undoes everything. May be called repeatedly and concurrently; all callers wait for the same end.</summary>
    public Task StopAsync()
    {
        lock (_stopping)
            return _stopped ??= UndoAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await StopAsync();

    // Within the range of timers; longer than any real wait.
    private TimeSpan Delay => TimeSpan.FromSeconds(Math.Clamp(_options.Delay.TotalSeconds, 0, 1e6));

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        await _watch.LookAsync(cancellationToken);
        ReportMissing();
        _hooks = new NetworkHooks(_options, _selection.DeviceVariable(_watch.Links));
        await _hooks.StartAsync(cancellationToken);
        // The hooks may have created interfaces.
        await _watch.LookAsync(cancellationToken);
        _chosenAt = _options.Time.GetTimestamp();
        if (!HasInterfaces)
            await WaitForChoiceAsync(cancellationToken);
        if (HasInterfaces)
        {
            _watching = _watch.RunAsync(_stopping.Token);
            _reporting = ReportUnusableAsync(_stopping.Token);
        }
        else
        {
            _watch.End();
        }
    }

    /// <summary>Reports once that no interface is usable, because with an unplugged cable the program appears to hang.</summary>
    private async Task ReportUnusableAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await WaitForUsableAsync(cancellationToken) || Chosen is not { IsEmpty: false } chosen)
                return;
            _options.Warn(
                $"no network interface can be used yet: {string.Join(", ", chosen.Select(link => $"\"{link.Name}\" {Describe(link)}"))}");
        }
        catch (OperationCanceledException)
        {
            // The session is stopping.
        }
        catch (OutOfMemoryException)
        {
            // The system has no thread for the timer, so nothing is reported.
        }
    }

    private static string Describe(LinkState link) =>
        !link.IsUp ? "is down" : !link.IsRunning ? "has no carrier (cable, switch?)" : "has no address";

    private void ReportMissing()
    {
        var otherwise = _selection.PrefersWhatIsMissing(_watch.Links)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"if it does not appear within {_options.PreferenceGrace.TotalSeconds:0.#} s, all usable interfaces are used instead")
            : "it will be used if it appears";
        foreach (var name in _selection.Missing(_watch.Links))
            _options.Warn($"interface \"{name}\" does not exist; {otherwise}");
    }

    private async Task WaitForChoiceAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Delay, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _watch.WaitForChoiceAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // No interface appeared.
        }
    }

    private async Task UndoAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await Task.WhenAll(_watching, _reporting);
        }
        finally
        {
            // Regardless of how the tasks ended.
            await RestoreAsync();
        }
    }

    private async Task RestoreAsync()
    {
        try
        {
            Routes.RemoveAll();
            if (_hooks is not null)
                await _hooks.StopAsync();
        }
        finally
        {
            await LookAgainAsync();
            _control.TakeDown(_monitor.Links);
            _watch.End();
            _monitor.Dispose();
            _netlink.Dispose();
            _stopping.Dispose();
        }
    }

    /// <summary>
    /// Reads the interfaces again: their current state decides what is taken down, and under which names settings are restored.
    /// </summary>
    private async Task LookAgainAsync()
    {
        try
        {
            await _monitor.SynchronizeAsync(CancellationToken.None);
        }
        catch (SocketException)
        {
            // The last known state is used.
        }
    }
}
