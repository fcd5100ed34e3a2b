using Mandos.Core.Exchange;

namespace Mandos.Server.Configuration;

/// <summary>What connections may take; without it a few hostile ones would end the service for everybody.</summary>
internal sealed record ConnectionLimits
{
    /// <summary>
    /// Seconds and bytes of one connection. A client's side of a handshake has less than 3 KB; what is accepted beyond that is memory
    /// that strangers can fill, for each connection that is in the handshake.
    /// </summary>
    internal ExchangeLimits Exchange { get; init; } = new() { Data = TimeSpan.FromMinutes(1), HandshakeBytes = 16 * 1024 };

    /// <summary>As many as a booting site behind one address could need at once.</summary>
    internal int MostOfOneAddress { get; init; } = 256;

    /// <summary>How many there may be that have not shown a known key; some ten kilobytes each.</summary>
    internal int Most { get; init; } = 16384;

    /// <summary>How many connections of one client may wait for a decision.</summary>
    internal int MostWaitingOfOneClient { get; init; } = 16;
}
