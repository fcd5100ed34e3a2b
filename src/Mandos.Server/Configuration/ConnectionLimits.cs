using Mandos.Core.Exchange;

namespace Mandos.Server.Configuration;

/// <summary>What connections may take; without it a few hostile ones would end the service for everybody.</summary>
internal sealed record ConnectionLimits
{
    /// <summary>Seconds and bytes of one connection.</summary>
    internal ExchangeLimits Exchange { get; init; } = new() { Data = TimeSpan.FromMinutes(1) };

    /// <summary>As many as a booting site behind one address could need at once.</summary>
    internal int MostOfOneAddress { get; init; } = 256;

    /// <summary>How many there may be that have not shown a known key; some kilobytes each.</summary>
    internal int Most { get; init; } = 16384;

    /// <summary>How many connections of one client may wait for a decision.</summary>
    internal int MostWaitingOfOneClient { get; init; } = 16;
}
