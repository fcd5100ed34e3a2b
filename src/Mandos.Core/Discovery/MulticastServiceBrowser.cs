using System.Runtime.CompilerServices;

namespace Mandos.Core.Discovery;

/// <summary>Browses by multicast DNS (RFC 6762, RFC 6763), on its own or beside another responder on the same machine.</summary>
/// <remarks>
/// The first query goes out within <see cref="UseInterface"/>; responders answer it at once by unicast. What cannot be sent
/// yet, since an address is tentative, is tried again every 50 ms. One packet from a hostile neighbour costs bounded time,
/// any number of them bounded memory.
/// </remarks>
public sealed class MulticastServiceBrowser : IServiceBrowser
{
    private readonly BrowserMachine machine;
    private readonly MulticastDriver driver;
    private readonly SemaphoreSlim changes = new(0, 1);
    private readonly HashSet<ServiceEvent> reported = [];

    /// <summary>Opens its sockets; a family of addresses that the kernel lacks is left out.</summary>
    public MulticastServiceBrowser(MulticastServiceBrowserOptions options)
        : this(options, new MulticastSockets(oneShot: true, options.Debug), new Random())
    {
    }

    internal MulticastServiceBrowser(MulticastServiceBrowserOptions options, IMulticastTransport transport, Random random)
    {
        machine = new(DnsName.Parse(options.ServiceType), transport, Statistics, random, options.Debug);
        driver = new(machine, transport, options.Time, SignalChange);
    }

    /// <summary>What was received and not used.</summary>
    public MulticastStatistics Statistics { get; } = new();

    /// <inheritdoc/>
    public void UseInterface(int interfaceIndex) => driver.Do(now => machine.Use(interfaceIndex, now));

    /// <inheritdoc/>
    public void ForgetInterface(int interfaceIndex) => driver.Do(_ => machine.Forget(interfaceIndex));

    /// <inheritdoc/>
    public async IAsyncEnumerable<ServiceEvent> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var change in ReadChanges())
                yield return change;
            await changes.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What changed since the last call, without waiting.</summary>
    internal List<ServiceEvent> ReadChanges() => driver.Read(TakeChanges);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => driver.DisposeAsync();

    private void SignalChange()
    {
        try
        {
            if (machine.HasNews && changes.CurrentCount == 0)
                changes.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another thread signalled between the two calls: that will do.
        }
    }

    /// <summary>
    /// The difference between what the reader knows and what is there. So a reader that sleeps through a flood costs no
    /// memory, and never hears of what came and went meanwhile.
    /// </summary>
    private List<ServiceEvent> TakeChanges()
    {
        var found = new HashSet<ServiceEvent>();
        var changed = new List<ServiceEvent>();
        var all = machine.Found();
        foreach (var one in all)
            found.Add(one);
        foreach (var known in reported)
        {
            if (!found.Contains(known))
                changed.Add(known with { Found = false });
        }

        foreach (var gone in changed)
            reported.Remove(gone with { Found = true });
        foreach (var one in all)
        {
            if (reported.Add(one))
                changed.Add(one);
        }

        return changed;
    }
}
