using Mandos.Core.Discovery.Multicast;

namespace Mandos.Core.Discovery.Browsing;

/// <summary>Finds instances of one service type by DNS-SD over multicast DNS (RFC 6763, RFC 6762).</summary>
public interface IServiceBrowser : IAsyncDisposable
{
    /// <summary>
    /// Starts (or starts again, from the first quick query) to browse on an interface that is up; may be called at any
    /// time, from any thread, again when the interface got an address.
    /// </summary>
    void UseInterface(int interfaceIndex);

    /// <summary>Stops on an interface; everything found there is reported as gone.</summary>
    void ForgetInterface(int interfaceIndex);

    /// <summary>What appears and goes, until cancelled. One reader.</summary>
    IAsyncEnumerable<ServiceEvent> ReadEventsAsync(CancellationToken cancellationToken);
}
