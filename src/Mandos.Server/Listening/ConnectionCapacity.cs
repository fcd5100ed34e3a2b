using Mandos.Server.Configuration;

namespace Mandos.Server.Listening;

/// <summary>How many connections there can be.</summary>
/// <param name="Open">In all; the next one is accepted when one of them has ended.</param>
/// <param name="Pending">That have not shown a known key; fewer, since one that is given up takes a moment to end.</param>
/// <param name="PendingOfOneAddress">How many of them from one address.</param>
internal sealed record ConnectionCapacity(int Open, int Pending, int PendingOfOneAddress)
{
    /// <summary>Descriptors that are neither connections nor checks: files, log, multicast DNS, the runtime.</summary>
    private const int Others = 100;

    /// <summary>The output of a check, and the process itself.</summary>
    private const int OfCheck = 2;

    /// <summary>However few descriptors there are.</summary>
    private const int Least = 32;

    /// <summary>
    /// Leaves descriptors for the checks of all clients at once, but three quarters for connections: checks that cannot be
    /// started in a flood of connections would have every client disabled.
    /// </summary>
    /// <param name="descriptors">How many this process may have.</param>
    /// <param name="clients">How many may be checked.</param>
    /// <param name="limits">What the configuration allows.</param>
    internal static ConnectionCapacity Of(int descriptors, int clients, ConnectionLimits limits)
    {
        var checks = (int)Math.Min((long)clients * OfCheck, descriptors / 4);
        var open = Math.Max(descriptors - Others - checks, Least);
        var pending = Math.Min(open - open / 8, limits.Most);
        return new(open, pending, Math.Min(pending, limits.MostOfOneAddress));
    }
}
