using System.Collections.Immutable;
using System.Net.Sockets;
using System.Threading.Channels;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Follows the interfaces of the machine: it chooses them, brings them up, now and when they appear later, and reports which are usable.
/// Not thread-safe.
/// </summary>
internal sealed class InterfaceWatch(NetworkOptions options, InterfaceSelection selection, LinkMonitor monitor, InterfaceControl control)
{
    private static readonly TimeSpan ThreadPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NamingPeriod = TimeSpan.FromMilliseconds(20);
    private readonly UsableInterfaces _usable = new(selection);
    private readonly DeviceNaming _naming = new(options.UdevDirectory, options.Time);
    private readonly HashSet<int> _known = [];
    private readonly Channel<InterfaceChange> _changes = Channel.CreateUnbounded<InterfaceChange>();
    private readonly TaskCompletionSource _firstUsable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _began = options.Time.GetTimestamp();
    private bool _started;
    private bool _lacksThread;

    /// <summary>All interfaces as last seen.</summary>
    public IReadOnlyCollection<LinkState> Links => monitor.Links;

    /// <summary>The chosen interfaces as last seen, in order. May be read at any time.</summary>
    public ImmutableArray<LinkState> Chosen { get; private set; } = [];

    /// <summary>Completes when the first chosen interface is usable.</summary>
    public Task FirstUsable => _firstUsable.Task;

    /// <summary>The changes in which interfaces are usable, until the watch ends. For one reader, at any time.</summary>
    public ChannelReader<InterfaceChange> Changes => _changes.Reader;

    /// <summary>Reads the current interfaces. Those found by the first call existed at the start; all others appeared later.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        Take(await monitor.SynchronizeAsync(cancellationToken));
        _started = true;
    }

    /// <summary>Waits for an interface to choose.</summary>
    public async Task WaitForChoiceAsync(CancellationToken cancellationToken)
    {
        while (Chosen.IsEmpty)
            Take(await monitor.ReadAsync(cancellationToken));
    }

    /// <summary>Brings interfaces up and reports changes until cancelled, which ends it without an exception.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var pending = await BringUpBesideAsync(cancellationToken);
            while (true)
            {
                Take(await ReadOrPauseAsync(Patience(pending), cancellationToken));
                WidenIfDue();
                pending = BringUpChosen(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The session is stopping.
        }
        catch (SocketException exception)
        {
            options.Warn($"can no longer watch the network interfaces: {SystemFailure.Reason(exception)}");
        }
        finally
        {
            End();
        }
    }

    /// <summary>
    /// Brings interfaces up on another thread, because a driver may take long to open a device; on this thread only if the system has no
    /// other left.
    /// </summary>
    private Task<bool> BringUpBesideAsync(CancellationToken cancellationToken)
    {
        try
        {
            return BlockingTask.Run(() => BringUpChosen(cancellationToken));
        }
        catch (TaskSchedulerException)
        {
            return Task.FromResult(BringUpChosen(cancellationToken));
        }
    }

    /// <summary>Ends the reports.</summary>
    public void End() => _changes.Writer.TryComplete();

    /// <summary>How long to wait for changes: not forever while an interface is left to udev, failed to come up, or is preferred.</summary>
    private TimeSpan Patience(bool pending) =>
        Wait.Shorter(pending ? NamingPeriod : Timeout.InfiniteTimeSpan, Wait.Shorter(control.Rest, PreferenceRest));

    /// <summary>How long preferred interfaces may still take to appear; infinite if that does not matter.</summary>
    private TimeSpan PreferenceRest => selection.PrefersWhatIsMissing(monitor.Links)
        ? TimeSpan.FromTicks(Math.Max(0, (options.PreferenceGrace - options.Time.GetElapsedTime(_began)).Ticks))
        : Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Drops preferred names that do not appear. Configured names become outdated after a change of kernel or slot, which is only noticed
    /// at the next boot; waiting forever would require a person.
    /// </summary>
    private void WidenIfDue()
    {
        if (PreferenceRest != TimeSpan.Zero)
            return;
        var missing = string.Join(", ", selection.Missing(monitor.Links).Select(name => $"\"{name}\""));
        selection.Widen();
        Take([.. monitor.Links.Select(link => new LinkChange(link.Index, link))]);
        var used = Chosen.IsEmpty ? "none yet" : string.Join(", ", Chosen.Select(link => $"\"{link.Name}\""));
        options.Warn($"interface {missing} did not appear; all usable interfaces are used instead: {used}");
    }

    /// <summary>
    /// Reads the next changes; none if the system has no thread to wait on, which is reported once and retried after a pause.
    /// </summary>
    private async Task<IReadOnlyList<LinkChange>> ReadOrPauseAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(patience, cancellationToken);
        }
        catch (TaskSchedulerException)
        {
            if (!_lacksThread)
                options.Warn("the system cannot create a thread: new interfaces are noticed late");
            _lacksThread = true;
            await Task.Delay(ThreadPause, options.Time, cancellationToken);
            return [];
        }
    }

    /// <summary>Reads the next changes; none if there are none within the time limit.</summary>
    private async Task<IReadOnlyList<LinkChange>> ReadAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (patience == Timeout.InfiniteTimeSpan)
            return await monitor.ReadAsync(cancellationToken);
        using var limit = new CancellationTokenSource(patience + TimeSpan.FromMilliseconds(1), options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await monitor.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    /// <summary>Brings up the chosen interfaces and those below them. True if one is left to udev for now.</summary>
    private bool BringUpChosen(CancellationToken cancellationToken)
    {
        var pending = false;
        foreach (var link
            in Chosen.Where(selection.BringsUp).SelectMany(link => InterfaceStack.Of(link, monitor.Links)).DistinctBy(link => link.Index))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_naming.IsPending(link.Index))
                pending = true;
            else
                control.BringUp(link);
        }
        return pending;
    }

    private void Take(IReadOnlyList<LinkChange> changes)
    {
        foreach (var change in changes)
        {
            Follow(change);
            if (_usable.Apply(change) is not { } usable)
                continue;
            options.Debug?.Invoke($"interface \"{usable.Name}\" {(usable.Usable ? "can be used" : "can no longer be used")}");
            _changes.Writer.TryWrite(usable);
            if (usable.Usable)
                _firstUsable.TrySetResult();
        }
        Chosen = [.. selection.Choose(monitor.Links)];
    }

    /// <summary>Notices new and removed interfaces; an index may be reused for another interface.</summary>
    private void Follow(LinkChange change)
    {
        control.Follow(change);
        if (change.State is null)
        {
            _known.Remove(change.Index);
            _naming.Forget(change.Index);
        }
        else if (_known.Add(change.Index) && _started)
        {
            _naming.Appeared(change.Index);
        }
    }
}

/// <summary>A chosen interface became usable (or got one more address), or is no longer usable.</summary>
internal readonly record struct InterfaceChange(int Index, string Name, bool Usable);
