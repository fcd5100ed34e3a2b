using System.Net;
using System.Threading.Channels;
using Mandos.Core.Discovery.Browsing;
using Mandos.Core.Discovery.Multicast;

namespace Mandos.Client.Tests.Retrieval;

/// <summary>Discovery that finds what it is told.</summary>
internal sealed class ToldBrowser : IServiceBrowser
{
    private readonly Channel<ServiceEvent> _events = Channel.CreateUnbounded<ServiceEvent>();
    private readonly Channel<string> _orders = Channel.CreateUnbounded<string>();

    public ChannelReader<string> Orders => _orders.Reader;

    public void Found(string name, string address) =>
        _events.Writer.TryWrite(new(true, name, new IPEndPoint(IPAddress.Parse(address), 1), 3));

    public void Gone(string name, string address) =>
        _events.Writer.TryWrite(new(false, name, new IPEndPoint(IPAddress.Parse(address), 1), 3));

    public void UseInterface(int interfaceIndex) => _orders.Writer.TryWrite($"use {interfaceIndex}");

    public void ForgetInterface(int interfaceIndex) => _orders.Writer.TryWrite($"forget {interfaceIndex}");

    public IAsyncEnumerable<ServiceEvent> ReadEventsAsync(CancellationToken cancellationToken) =>
        _events.Reader.ReadAllAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
