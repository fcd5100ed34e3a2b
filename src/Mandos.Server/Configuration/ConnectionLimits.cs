using Mandos.Core.Exchange;

namespace Mandos.Server.Configuration;

/// <summary>The limits on connections; without them a few hostile peers would end the service for all.</summary>
internal sealed record ConnectionLimits
{
    /// <summary>
    /// Time limits and sizes of one connection. A client sends less than 3 KB during a handshake; a higher limit would let unknown peers
    /// fill the memory, for each connection in the handshake.
    /// </summary>
    internal ExchangeLimits Exchange { get; init; } = new() { Data = TimeSpan.FromMinutes(1), HandshakeBytes = 16 * 1024 };

    /// <summary>The limit per address: enough for a site whose machines boot at the same time behind one address.</summary>
    internal int MostOfOneAddress { get; init; } = 256;

    /// <summary>The limit on connections that have not presented a known key; some ten kilobytes each.</summary>
    internal int Most { get; init; } = 16384;

    /// <summary>The limit on connections of one client that wait for a decision.</summary>
    internal int MostWaitingOfOneClient { get; init; } = 16;
}
