using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Browsing;

/// <summary>Finds instances of one service type by DNS-SD over multicast DNS (RFC 6763, RFC 6762).</summary>
public interface IServiceBrowser : IAsyncDisposable
{
    /// <summary>
    /// Starts to browse on an interface that is up, or starts again from the first one-shot query. May be called at any time and from any
    /// thread, and again when the interface gets an address.
    /// </summary>
    void UseInterface(int interfaceIndex);

    /// <summary>Stops browsing on an interface; everything found there is reported as gone.</summary>
    void ForgetInterface(int interfaceIndex);

    /// <summary>Reads which services appear and disappear, until cancelled. For one reader.</summary>
    IAsyncEnumerable<ServiceEvent> ReadEventsAsync(CancellationToken cancellationToken);
}
