using System.Runtime.CompilerServices;
using Mandos.Core.Discovery.Dns;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Browsing;

/// <summary>Browses by multicast DNS (RFC 6762, RFC 6763), alone or in parallel with another responder on the same machine.</summary>
/// <remarks>
/// The first query goes out within <see cref="UseInterface"/>; responders answer it immediately by unicast. If a query cannot be sent yet
/// because an address is tentative, it is retried every 50 ms. A packet from a hostile neighbour costs a bounded amount of time, and any
/// number of packets a bounded amount of memory.
/// </remarks>
public sealed class MulticastServiceBrowser : IServiceBrowser
{
    private readonly BrowserMachine _machine;
    private readonly MulticastDriver _driver;
    private readonly SemaphoreSlim _changes = new(0, 1);
    private readonly HashSet<ServiceEvent> _reported = [];

    /// <summary>Opens the sockets, without address families that the kernel does not support.</summary>
    public MulticastServiceBrowser(MulticastServiceBrowserOptions options)
        : this(options, new MulticastSockets(oneShot: true, options.Debug), new Random())
    {
    }

    internal MulticastServiceBrowser(MulticastServiceBrowserOptions options, IMulticastTransport transport, Random random)
    {
        _machine = new(DnsName.Parse(options.ServiceType), transport, Statistics, random, options.Debug);
        _driver = new(_machine, transport, options.Time, SignalChange);
    }

    /// <summary>Statistics of packets that were received but not used.</summary>
    public MulticastStatistics Statistics { get; } = new();

    /// <inheritdoc/>
    public void UseInterface(int interfaceIndex) => _driver.Do(now => _machine.Use(interfaceIndex, now));

    /// <inheritdoc/>
    public void ForgetInterface(int interfaceIndex) => _driver.Do(_ => _machine.Forget(interfaceIndex));

    /// <inheritdoc/>
    public async IAsyncEnumerable<ServiceEvent> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var change in ReadChanges())
                yield return change;
            await _changes.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Returns the changes since the last call, without waiting.</summary>
    internal List<ServiceEvent> ReadChanges() => _driver.Read(TakeChanges);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _driver.DisposeAsync();

    private void SignalChange()
    {
        try
        {
            if (_machine.HasNews && _changes.CurrentCount == 0)
                _changes.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another thread signalled between the two calls, which is sufficient.
        }
    }

    /// <summary>
    /// Returns the difference between what the reader knows and what exists. A slow reader therefore costs no memory during a flood, and
    /// never sees what has already disappeared again.
    /// </summary>
    private List<ServiceEvent> TakeChanges()
    {
        var found = new HashSet<ServiceEvent>();
        var changed = new List<ServiceEvent>();
        var all = _machine.Found();
        foreach (var one in all)
            found.Add(one);
        foreach (var known in _reported)
        {
            if (!found.Contains(known))
                changed.Add(known with { Found = false });
        }

        foreach (var gone in changed)
            _reported.Remove(gone with { Found = true });
        foreach (var one in all)
        {
            if (_reported.Add(one))
                changed.Add(one);
        }

        return changed;
    }
}

/// <summary>Options for browsing.</summary>
public sealed record MulticastServiceBrowserOptions
{
    /// <summary>The service type and domain.</summary>
    public string ServiceType { get; init; } = "_mandos._tcp.local";

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gets debug messages of one line; called from any thread, must not block.</summary>
    public Action<string>? Debug { get; init; }
}
