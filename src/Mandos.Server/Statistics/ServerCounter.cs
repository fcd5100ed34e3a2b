namespace Mandos.Server.Statistics;

/// <summary>What the server counts. Each has a name on the bus (<see cref="ServerStatistics.NameOf"/>).</summary>
internal enum ServerCounter
{
    /// <summary>Connections that proved that they hold a key.</summary>
    Handshakes,

    /// <summary>Connections that did not get so far.</summary>
    HandshakesFailed,

    /// <summary>Secrets whose receipt the client confirmed.</summary>
    Delivered,

    /// <summary>The same for rehearsals.</summary>
    Rehearsed,

    /// <summary>Secrets that were sent, but whose receipt was not confirmed.</summary>
    DeliveredUnconfirmed,

    /// <summary>Connections that were lost, or closed by a stop of the server, while a secret was sent.</summary>
    Interrupted,

    RefusedDisabled,
    RefusedDenied,
    RefusedNotApproved,
    RefusedEmptySecret,
    RefusedRemoved,
    RefusedUnknownKey,

    /// <summary>Too many connections of one client waited for a decision.</summary>
    RefusedCrowdedOut,

    /// <summary>Clients that closed the connection before a decision.</summary>
    LeftWhileWaiting,

    ChecksSucceeded,
    ChecksFailed,

    /// <summary>The time that all checks took together, in microseconds.</summary>
    CheckMicroseconds,

    Saves,
    SavesFailed,

    /// <summary>The time that all saves took together, in microseconds.</summary>
    SaveMicroseconds,
}
