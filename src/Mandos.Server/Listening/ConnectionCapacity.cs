using Mandos.Server.Configuration;

namespace Mandos.Server.Listening;

/// <summary>The limits on the number of connections.</summary>
/// <param name="Open">All connections; the next one is accepted when one has ended.</param>
/// <param name="Pending">Connections that have not presented a known key. This is below Open, because an evicted connection takes a moment
/// to end.</param>
/// <param name="PendingOfOneAddress">Pending connections from one address.</param>
internal sealed record ConnectionCapacity(int Open, int Pending, int PendingOfOneAddress)
{
    /// <summary>Descriptors for files, the log, multicast DNS and the runtime.</summary>
    private const int Others = 100;

    /// <summary>Descriptors per check: its output and its process.</summary>
    private const int OfCheck = 2;

    /// <summary>The minimum, however few descriptors there are.</summary>
    private const int Least = 32;

    /// <summary>
    /// Reserves descriptors so that the checks of all clients can run at the same time, but leaves at least three quarters to connections.
    /// If a flood of connections prevented checks, every client would be disabled.
    /// </summary>
    /// <param name="descriptors">The limit on open descriptors of this process.</param>
    /// <param name="clients">How many clients may be checked.</param>
    /// <param name="limits">The configured limits.</param>
    internal static ConnectionCapacity Of(int descriptors, int clients, ConnectionLimits limits)
    {
        var checks = (int)Math.Min((long)clients * OfCheck, descriptors / 4);
        var open = Math.Max(descriptors - Others - checks, Least);
        var pending = Math.Min(open - open / 8, limits.Most);
        return new(open, pending, Math.Min(pending, limits.MostOfOneAddress));
    }
}
