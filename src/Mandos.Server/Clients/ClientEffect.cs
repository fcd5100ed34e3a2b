using Mandos.Core.Linux.Processes;

namespace Mandos.Server.Clients;

/// <summary>What follows from an event, in the order in which it is to be done and signalled.</summary>
internal abstract record ClientEffect
{
    private ClientEffect()
    {
    }

    /// <summary>Something that can be read on the bus has another value.</summary>
    internal sealed record Changed(ClientProperty Property) : ClientEffect;

    /// <summary>Run it, and report its end as <see cref="ClientEvent.CheckerEnded"/>.</summary>
    internal sealed record StartChecker(CheckerRun Run) : ClientEffect;

    /// <summary>End it with all its children; nothing more is heard of it.</summary>
    internal sealed record StopChecker(CheckerRun Run) : ClientEffect;

    /// <summary>A check ended by itself; null: it could not be started.</summary>
    internal sealed record CheckerCompleted(CheckerRun Run, ChildExit? Exit) : ClientEffect
    {
        /// <summary>Why its command could not be made of its template, which stands in its place; null if it could.</summary>
        internal string? Problem { get; init; }
    }

    /// <summary>This connection may have the secret, now and not later.</summary>
    internal sealed record Release(long Request, ClientSecret Secret) : ClientEffect;

    /// <summary>This connection gets a no.</summary>
    internal sealed record Refuse(long Request, Refusal Reason) : ClientEffect;

    /// <summary>This connection waits for a decision.</summary>
    internal sealed record ApprovalNeeded(long Request, TimeSpan Delay, bool ApprovedByDefault) : ClientEffect;

    /// <summary>The secret was given.</summary>
    internal sealed record SecretGiven(long Request) : ClientEffect;

    /// <summary>No check succeeded in time; the client was disabled.</summary>
    internal sealed record Expired : ClientEffect;
}

/// <summary>Why a client that is known gets no secret.</summary>
internal enum Refusal
{
    Disabled,

    /// <summary>By an operator.</summary>
    Denied,

    /// <summary>No operator decided in time, and the default is no.</summary>
    ApprovalTimedOut,

    /// <summary>There is nothing to give.</summary>
    EmptySecret,

    /// <summary>It was taken from the table while it waited.</summary>
    Removed,
}

/// <summary>What can be read about a client on the bus and can change; named as there.</summary>
internal enum ClientProperty
{
    ApprovalDelay,
    ApprovalDuration,
    ApprovalPending,
    ApprovedByDefault,
    Checker,
    CheckerRunning,
    Enabled,
    Expires,
    ExtendedTimeout,
    Host,
    Interval,
    LastApprovalRequest,
    LastCheckedOK,
    LastCheckerStatus,
    LastEnabled,
    Secret,
    SecretsGiven,
    Timeout,
}
