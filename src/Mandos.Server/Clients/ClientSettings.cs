using Mandos.Core.Durations;

namespace Mandos.Server.Clients;

/// <summary>What clients.conf, and after it the bus, say about a client, but for its name, its keys and its secret.</summary>
internal sealed record ClientSettings
{
    /// <summary>For checkers.</summary>
    internal string Host { get; init; } = "";

    /// <summary>Shell command with <c>%(attribute)s</c> still to be filled in.</summary>
    internal string Checker { get; init; } = "";

    /// <summary>How long a client stays enabled after a successful check.</summary>
    internal Duration Timeout { get; init; }

    /// <summary>The same after it got its secret, for the time it takes to boot.</summary>
    internal Duration ExtendedTimeout { get; init; }

    /// <summary>From the start of a check to the start of the next.</summary>
    internal Duration Interval { get; init; }

    /// <summary>How long a request waits for a decision; zero: none is waited for.</summary>
    internal Duration ApprovalDelay { get; init; }

    /// <summary>How long a decision holds.</summary>
    internal Duration ApprovalDuration { get; init; }

    /// <summary>The decision if no operator decides.</summary>
    internal bool ApprovedByDefault { get; init; }

    /// <summary>
    /// Whether these differ from older ones only in what makes it harder to get the secret, so that they may be effective even
    /// when they cannot be saved.
    /// </summary>
    internal bool OnlyTakesFrom(ClientSettings old) => ClientSetting.All.All(s => s.OnlyTakesFrom(this, old));
}
