namespace Mandos.Server.Clients.Registry;

/// <summary>Counts the clients that fail their checks, for mass_failure.</summary>
/// <param name="clients">Returns all clients as they are now.</param>
internal sealed class FailureCount(Func<IEnumerable<ClientState>> clients)
{
    /// <summary>
    /// How long a count stays valid: after an outage all clients are about to be disabled within a moment, and counting takes as long as
    /// there are clients.
    /// </summary>
    private static readonly TimeSpan Validity = TimeSpan.FromMilliseconds(100);

    private (TimeSpan At, MassFailure? Found)? _last;

    /// <summary>The share of clients, in percent, that makes a mass failure; null turns this off.</summary>
    internal int? Percent { get; set; }

    /// <summary>Finds whether most clients fail now.</summary>
    internal MassFailure? Find(Moment now)
    {
        if (Percent is not { } percent)
            return null;
        if (_last is { } last && now.Monotonic - last.At < Validity)
            return last.Found;
        var found = MassFailure.Find(clients(), percent, now);
        _last = (now.Monotonic, found);
        return found;
    }
}
