using System.Net.Sockets;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Publishing;

/// <summary>A responder of multicast DNS (RFC 6762) for one service instance (RFC 6763).</summary>
/// <remarks>
/// It lives beside another responder on the same machine: the port is shared, and the host's name with its addresses is left
/// to the other one.
/// </remarks>
public sealed class MulticastServicePublisher : IServicePublisher
{
    /// <summary>UDP, shared with other responders.</summary>
    public const ushort Port = MulticastLink.Port;

    private readonly PublisherMachine _machine;
    private readonly MulticastDriver _driver;
    private readonly Lock _nameGate = new();
    private string _reportedName;

    /// <summary>Opens its sockets.</summary>
    /// <exception cref="ArgumentException">Instance name, host name or service type are no names of DNS.</exception>
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
    /// Why nothing can be announced, until another publisher is made: the kernel lacks the family, or a program holds port 5353
    /// and shares it with none. Null if all is well, or one of two families is.
    /// </summary>
    public string? Refusal { get; }

    /// <summary>What was received and not used.</summary>
    public MulticastStatistics Statistics { get; } = new();

    /// <summary>
    /// Publishes on an interface, with the addresses that it has now; may be called at any time, also again: when the
    /// interface came back or its addresses changed, so that it announces itself again.
    /// </summary>
    public void UseInterface(int interfaceIndex, AddressFamily family) =>
        _driver.Do(now => _machine.Use(LinkOf(interfaceIndex, family), now));

    /// <summary>Says goodbye on an interface if that is possible, and stops there.</summary>
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
