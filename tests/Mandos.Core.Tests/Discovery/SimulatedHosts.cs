using System.Net;
using System.Net.Sockets;
using Mandos.Core.Discovery.Browsing;
using Mandos.Core.Discovery.Multicast;
using Mandos.Core.Discovery.Publishing;

namespace Mandos.Core.Tests.Discovery;

/// <summary>A machine with a publisher.</summary>
internal sealed class SimulatedServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    internal SimulatedServer(
        SimulatedNetwork network, string hostName, ushort port, int seed, SimulatedTransport transport, bool useIPv6 = true,
        bool? useIPv4 = null)
    {
        Transport = transport;
        Publisher = new(
            new() { Port = port, HostName = hostName, Time = network.Time, UseIPv6 = useIPv6, UseIPv4 = useIPv4 ?? !useIPv6 }, transport,
            new Random(seed));
        Publisher.Renamed += Names.Add;
        if (useIPv6)
            Publisher.UseInterface(SimulatedNetwork.Interface, AddressFamily.InterNetworkV6);
        if (useIPv4 ?? !useIPv6)
            Publisher.UseInterface(SimulatedNetwork.Interface, AddressFamily.InterNetwork);
        _run = Publisher.RunAsync(_stop.Token);
    }

    internal SimulatedTransport Transport { get; }

    internal MulticastServicePublisher Publisher { get; }

    internal List<string> Names { get; } = [];

    /// <summary>Starts the only server of a network.</summary>
    internal static SimulatedServer Start(SimulatedNetwork network) => new(network, "vm", 4711, 1, network.Attach("fe80::1"));

    /// <summary>The same, once it has announced itself.</summary>
    internal static async Task<SimulatedServer> StartedAsync(SimulatedNetwork network)
    {
        var server = Start(network);
        network.Run(10);
        await Task.CompletedTask;
        return server;
    }

    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Publisher.DisposeAsync();
        _stop.Dispose();
    }
}

/// <summary>A machine with a browser, and what it reported so far.</summary>
internal sealed class SimulatedClient : IAsyncDisposable
{
    private readonly List<ServiceEvent> _events = [];

    internal SimulatedClient(SimulatedNetwork network, SimulatedTransport transport, int seed = 1)
    {
        Transport = transport;
        Browser = new(new() { Time = network.Time }, transport, new Random(seed));
        Browser.UseInterface(SimulatedNetwork.Interface);
    }

    internal SimulatedTransport Transport { get; }

    internal MulticastServiceBrowser Browser { get; }

    /// <summary>All events up to now.</summary>
    internal List<ServiceEvent> Events
    {
        get
        {
            _events.AddRange(Browser.ReadChanges());
            return _events;
        }
    }

    /// <summary>What is there according to the events.</summary>
    internal List<IPEndPoint> Present
    {
        get
        {
            var present = new List<IPEndPoint>();
            foreach (var one in Events)
            {
                if (one.Found)
                    present.Add(one.EndPoint);
                else
                    present.Remove(one.EndPoint);
            }

            return present;
        }
    }

    public ValueTask DisposeAsync() => Browser.DisposeAsync();
}
