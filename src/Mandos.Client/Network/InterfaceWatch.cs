using System.Collections.Immutable;
using System.Net.Sockets;
using System.Threading.Channels;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Client.Network;

/// <summary>
/// Follows the interfaces of the machine: chooses, brings up what is to be brought up, now and when it appears later, and
/// reports what can be used. One method at a time.
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

    /// <summary>The chosen ones as last seen, in their order. May be read at any time.</summary>
    public ImmutableArray<LinkState> Chosen { get; private set; } = [];

    /// <summary>Completes when the first chosen interface can be used.</summary>
    public Task FirstUsable => _firstUsable.Task;

    /// <summary>What becomes usable and ceases to be, until the watch ends. One reader, at any time.</summary>
    public ChannelReader<InterfaceChange> Changes => _changes.Reader;

    /// <summary>Looks what there is now. What the first look sees was there at the start, everything else appeared.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        Take(await monitor.SynchronizeAsync(cancellationToken));
        _started = true;
    }

    /// <summary>Waits for one to choose.</summary>
    public async Task WaitForChoiceAsync(CancellationToken cancellationToken)
    {
        while (Chosen.IsEmpty)
            Take(await monitor.ReadAsync(cancellationToken));
    }

    /// <summary>Brings up and reports until cancelled, which ends it without an exception.</summary>
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
            // The session stops.
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

    /// <summary>A driver may take long to open a device; that is waited for here only if the system has no thread to spare.</summary>
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

    /// <summary>No more reports follow.</summary>
    public void End() => _changes.Writer.TryComplete();

    /// <summary>
    /// How long to wait for changes: while an interface is left to udev, or failed to come up, or is preferred, not forever.
    /// </summary>
    private TimeSpan Patience(bool pending) =>
        Wait.Shorter(pending ? NamingPeriod : Timeout.InfiniteTimeSpan, Wait.Shorter(control.Rest, PreferenceRest));

    /// <summary>How long the preferred interfaces still have to appear; infinite if that does not matter.</summary>
    private TimeSpan PreferenceRest => selection.PrefersWhatIsMissing(monitor.Links)
        ? TimeSpan.FromTicks(Math.Max(0, (options.PreferenceGrace - options.Time.GetElapsedTime(_began)).Ticks))
        : Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Names in a configuration grow stale: a kernel or a slot changed, and the machine that boots finds that out. Waiting for
    /// them forever would be waiting for a person.
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

    /// <summary>The same; none if the system has no thread to wait on, which is reported once and tried again after a pause.</summary>
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

    /// <summary>The next changes; none if there are none in time.</summary>
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

    /// <summary>With what lies below them. True if one is left to udev for now.</summary>
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

    /// <summary>Notices which are new and which are gone; an index may come again for another one.</summary>
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

/// <summary>
/// A chosen interface can be used (from now on, or with one more address), or no longer.
/// </summary>
internal readonly record struct InterfaceChange(int Index, string Name, bool Usable);
