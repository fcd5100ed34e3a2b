using Mandos.Core.Durations;

namespace Mandos.Server.Clients;

/// <summary>The settings of a client, from clients.conf and later the bus; its name, keys and secret are not among them.</summary>
internal sealed record ClientSettings
{
    /// <summary>The host name or address, for checkers.</summary>
    internal string Host { get; init; } = "";

    /// <summary>The checker's shell command, with <c>%(attribute)s</c> not yet expanded.</summary>
    internal string Checker { get; init; } = "";

    /// <summary>How long a client stays enabled after a successful check.</summary>
    internal Duration Timeout { get; init; }

    /// <summary>How long a client stays enabled after it got its secret, to cover the boot.</summary>
    internal Duration ExtendedTimeout { get; init; }

    /// <summary>The time from the start of one check to the start of the next.</summary>
    internal Duration Interval { get; init; }

    /// <summary>How long a request waits for a decision; zero turns approval off.</summary>
    internal Duration ApprovalDelay { get; init; }

    /// <summary>How long a decision is valid.</summary>
    internal Duration ApprovalDuration { get; init; }

    /// <summary>The decision if no operator makes one.</summary>
    internal bool ApprovedByDefault { get; init; }

    /// <summary>
    /// Whether every difference from older settings only makes the secret harder to get, so that the new settings may take effect even if
    /// they cannot be saved.
    /// </summary>
    internal bool OnlyTakesFrom(ClientSettings old) => ClientSetting.All.All(s => s.OnlyTakesFrom(this, old));
}
