using System.Net.Sockets;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Publishing;

/// <summary>A multicast DNS responder (RFC 6762) for one service instance (RFC 6763).</summary>
/// <remarks>
/// It can coexist with another responder on the same machine: the port is shared, and the host's name and addresses are left to the other
/// one.
/// </remarks>
public sealed class MulticastServicePublisher : IServicePublisher
{
    /// <summary>The UDP port, shared with other responders.</summary>
    public const ushort Port = MulticastLink.Port;

    private readonly PublisherMachine _machine;
    private readonly MulticastDriver _driver;
    private readonly Lock _nameGate = new();
    private string _reportedName;

    /// <summary>Opens the sockets.</summary>
    /// <exception cref="ArgumentException">The instance name, host name or service type is not a valid DNS name.</exception>
    public MulticastServicePublisher(MulticastServicePublisherOptions options)
        : this(options, new MulticastSockets(oneShot: false, options.Debug), new Random())
    {
    }

    internal MulticastServicePublisher(MulticastServicePublisherOptions options, IMulticastTransport transport, Random random)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.InstanceName);
        _machine = new(options, transport, Statistics, random);
        _reportedName = _machine.InstanceName;
        Refusal = RefusalOf(options, transport);
        _driver = new(_machine, transport, options.Time, ReportRename);
    }

    /// <inheritdoc/>
    public event Action<string>? Renamed;

    /// <inheritdoc/>
    public string InstanceName => _machine.InstanceName;

    /// <summary>
    /// Why nothing can be announced until another publisher is created: the kernel does not support the family, or another program has
    /// exclusive use of port 5353. Null if at least one of two families works.
    /// </summary>
    public string? Refusal { get; }

    /// <summary>Statistics of packets that were received but not used.</summary>
    public MulticastStatistics Statistics { get; } = new();

    /// <summary>
    /// Publishes on an interface with its current addresses. May be called at any time, and again to repeat the announcement when the
    /// interface has returned or its addresses have changed.
    /// </summary>
    public void UseInterface(int interfaceIndex, AddressFamily family) =>
        _driver.Do(now => _machine.Use(LinkOf(interfaceIndex, family), now));

    /// <summary>Sends a goodbye on an interface if possible, and stops there.</summary>
    public void ForgetInterface(int interfaceIndex, AddressFamily family) =>
        _driver.Do(_ => _machine.Forget(LinkOf(interfaceIndex, family)));

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _driver.Do(_machine.Start);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.Register(() => cancelled.TrySetResult()).ConfigureAwait(false))
            await cancelled.Task.ConfigureAwait(false);
        _driver.Do(_ => _machine.Stop());
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _driver.DisposeAsync();

    private static MulticastLink LinkOf(int interfaceIndex, AddressFamily family) =>
        new(interfaceIndex, family == AddressFamily.InterNetworkV6);

    private static string? RefusalOf(MulticastServicePublisherOptions options, IMulticastTransport transport)
    {
        var ofIPv6 = options.UseIPv6 ? transport.RefusalOf(AddressFamily.InterNetworkV6) : null;
        var ofIPv4 = options.UseIPv4 ? transport.RefusalOf(AddressFamily.InterNetwork) : null;
        return options switch
        {
            { UseIPv6: true, UseIPv4: true } => ofIPv4 is null ? null : ofIPv6,
            _ => ofIPv6 ?? ofIPv4,
        };
    }

    private void ReportRename()
    {
        string name;
        lock (_nameGate)
        {
            name = InstanceName;
            if (name == _reportedName)
                return;
            _reportedName = name;
        }

        Renamed?.Invoke(name);
    }
}
