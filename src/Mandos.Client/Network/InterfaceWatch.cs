using System.Collections.Immutable;
using System.Net.Sockets;
using System.Threading.Channels;
using Mandos.Core.Linux;

namespace Mandos.Client.Network;

/// <summary>
/// Follows the interfaces of the machine: chooses, brings up what is to be brought up, now and when it appears later, and
/// tells what can be used. One method at a time.
/// </summary>
internal sealed class InterfaceWatch(NetworkOptions options, InterfaceSelection selection, LinkMonitor monitor, InterfaceControl control)
{
    private static readonly TimeSpan NamingPeriod = TimeSpan.FromMilliseconds(20);
    private readonly UsableInterfaces _usable = new(selection);
    private readonly DeviceNaming _naming = new(options.UdevDirectory, options.Time);
    private readonly HashSet<int> _known = [];
    private readonly Channel<InterfaceChange> _changes = Channel.CreateUnbounded<InterfaceChange>();
    private readonly TaskCompletionSource _firstUsable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _started;

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

    /// <summary>Brings up and tells until cancelled, which ends it without an exception.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A driver may take its time to open a device; nobody shall wait for it here.
            var pending = await Task.Factory.StartNew(
                () => BringUpChosen(cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            while (true)
            {
                Take(await ReadAsync(pending, cancellationToken));
                pending = BringUpChosen(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The session stops.
        }
        catch (SocketException exception)
        {
            options.Warn($"cannot watch the network interfaces any longer: {exception.Message}");
        }
        finally
        {
            End();
        }
    }

    /// <summary>Nothing more will be told.</summary>
    public void End() => _changes.Writer.TryComplete();

    /// <summary>The next changes; if an interface is left to udev, soon, even if there are none.</summary>
    private async Task<IReadOnlyList<LinkChange>> ReadAsync(bool pending, CancellationToken cancellationToken)
    {
        if (!pending)
            return await monitor.ReadAsync(cancellationToken);
        using var limit = new CancellationTokenSource(NamingPeriod, options.Time);
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

    /// <summary>True if one is left to udev for now.</summary>
    private bool BringUpChosen(CancellationToken cancellationToken)
    {
        var pending = false;
        foreach (var link in Chosen.Where(selection.BringsUp))
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
            options.Debug?.Invoke($"interface \"{usable.Name}\" {(usable.Usable ? "can be used" : "cannot be used any more")}");
            _changes.Writer.TryWrite(usable);
            if (usable.Usable)
                _firstUsable.TrySetResult();
        }
        Chosen = [.. selection.Choose(monitor.Links)];
    }

    /// <summary>Notices which are new and which are gone; an index may come again for another one.</summary>
    private void Follow(LinkChange change)
    {
        if (change.State is null)
        {
            _known.Remove(change.Index);
            _naming.Forget(change.Index);
            control.Forget(change.Index);
        }
        else if (_known.Add(change.Index) && _started)
        {
            _naming.Appeared(change.Index);
        }
    }
}
