using Mandos.Core.Linux.Processes;

namespace Mandos.Server.Clients;

/// <summary>One effect of an event. Effects are carried out and signalled in their order.</summary>
internal abstract record ClientEffect
{
    private ClientEffect()
    {
    }

    /// <summary>A property that is visible on the bus has a new value.</summary>
    internal sealed record Changed(ClientProperty Property) : ClientEffect;

    /// <summary>Start this check, and report its end as <see cref="ClientEvent.CheckerEnded"/>.</summary>
    internal sealed record StartChecker(CheckerRun Run) : ClientEffect;

    /// <summary>Stop this check and all its children. Its result is not reported.</summary>
    internal sealed record StopChecker(CheckerRun Run) : ClientEffect;

    /// <summary>A check ended by itself. Exit is null if the check could not be started.</summary>
    internal sealed record CheckerCompleted(CheckerRun Run, ChildExit? Exit) : ClientEffect
    {
        /// <summary>
        /// Why the template could not be expanded, in which case the run carries the template as its command; otherwise null.
        /// </summary>
        internal string? Problem { get; init; }
    }

    /// <summary>Send the secret to this connection now. The permission does not last.</summary>
    internal sealed record Release(long Request, ClientSecret Secret) : ClientEffect;

    /// <summary>Refuse the secret to this connection.</summary>
    internal sealed record Refuse(long Request, Refusal Reason) : ClientEffect;

    /// <summary>This connection waits for a decision.</summary>
    internal sealed record ApprovalNeeded(long Request, TimeSpan Delay, bool ApprovedByDefault) : ClientEffect;

    /// <summary>The secret was delivered.</summary>
    internal sealed record SecretGiven(long Request) : ClientEffect;

    /// <summary>No check succeeded in time; the client was disabled.</summary>
    internal sealed record Expired : ClientEffect;

    /// <summary>No check succeeded in time, but as most clients fail, the client stays enabled for one more timeout.</summary>
    internal sealed record ExpiryHeld(MassFailure Cause) : ClientEffect;
}

/// <summary>Why a known client gets no secret.</summary>
internal enum Refusal
{
    Disabled,

    /// <summary>An operator denied the request.</summary>
    Denied,

    /// <summary>No operator decided in time, and the default is to deny.</summary>
    ApprovalTimedOut,

    /// <summary>The client's secret is empty.</summary>
    EmptySecret,

    /// <summary>The client was removed while its request waited.</summary>
    Removed,
}

/// <summary>The properties of a client that are visible on the bus and can change, under their bus names.</summary>
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
    LastDisabled,
    LastEnabled,
    Maintenance,
    Secret,
    SecretsGiven,
    Timeout,
}
