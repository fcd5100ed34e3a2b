using System.Collections.Immutable;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>All that is known about a client at one instant. Only the state machine changes it.</summary>
internal sealed record ClientState
{
    /// <summary>No check has ended yet.</summary>
    internal const int NoCheckYet = -2;

    /// <summary>A signal killed the last check.</summary>
    internal const int CheckKilled = -1;

    /// <summary>The name of the client's section.</summary>
    internal required string Name { get; init; }

    /// <summary>The client's identity; null for a client that has only an OpenPGP fingerprint and cannot be served.</summary>
    internal KeyId? KeyId { get; init; }

    /// <summary>The OpenPGP fingerprint in upper case; shown, but not used.</summary>
    internal string Fingerprint { get; init; } = "";

    /// <summary>When a server first saw the client, in UTC.</summary>
    internal DateTime Created { get; init; }

    internal required ClientSettings Settings { get; init; }

    internal required ClientSecret Secret { get; init; }

    /// <summary>Whether the client is enabled; only an enabled client gets its secret.</summary>
    internal bool Enabled { get; init; }

    /// <summary>When the client was last enabled, in UTC.</summary>
    internal DateTime? LastEnabled { get; init; }

    /// <summary>When the client was last disabled, in UTC; null if it never was, or only by a server that did not record it.</summary>
    internal DateTime? LastDisabled { get; init; }

    /// <summary>When a check last succeeded, in UTC.</summary>
    internal DateTime? LastCheckedOk { get; init; }

    /// <summary>When the client last asked for approval, in UTC.</summary>
    internal DateTime? LastApprovalRequest { get; init; }

    /// <summary>The exit code of the last check, or <see cref="NoCheckYet"/> or <see cref="CheckKilled"/>.</summary>
    internal int LastCheckerStatus { get; init; } = NoCheckYet;

    /// <summary>How many times the secret was delivered.</summary>
    internal long SecretsGiven { get; init; }

    /// <summary>When the client is disabled unless it shows a sign of life before; null while it is disabled.</summary>
    internal Moment? Expires { get; init; }

    /// <summary>Until when the client is in maintenance, and is not disabled; null if it is not. Only an enabled client can be.</summary>
    internal Moment? Maintenance { get; init; }

    /// <summary>When an enabled client in maintenance would be disabled without it; otherwise null.</summary>
    internal Moment? ExpiresOtherwise { get; init; }

    /// <summary>
    /// Whether the client stayed enabled at the end of its timeout because most clients failed; until its next successful check.
    /// </summary>
    internal bool IsExpiryHeld { get; init; }

    /// <summary>When the next check starts; null while the client is disabled.</summary>
    internal Moment? NextCheck { get; init; }

    /// <summary>The check that is running; null if there is none.</summary>
    internal CheckerRun? Checker { get; init; }

    /// <summary>
    /// After a standstill, the client stays enabled only until its next check has ended; see <see cref="ClientEvent.StoodStill"/>.
    /// </summary>
    internal bool IsOnLastCheck { get; init; }

    /// <summary>Connections that asked for the secret, were not refused, and have not ended.</summary>
    internal ImmutableArray<SecretRequest> Requests { get; init; } = [];

    /// <summary>The operator's decision while it is valid; otherwise null.</summary>
    internal OperatorDecision? Decision { get; init; }

    /// <summary>Whether an open connection that needs approval is waiting for it or has it.</summary>
    internal bool ApprovalPending => Requests.Any(r => r.NeededApproval);

    /// <summary>
    /// When <see cref="ClientEvent.TimePassed"/> is needed, by the monotonic clock; null if nothing is due. The end of an operator's
    /// decision needs no signal and is checked only at the next request.
    /// </summary>
    internal TimeSpan? NextDue
    {
        get
        {
            var due = Expires?.Monotonic;
            if (NextCheck is { } check && !(due <= check.Monotonic))
                due = check.Monotonic;
            if (Maintenance is { } end && !(due <= end.Monotonic))
                due = end.Monotonic;
            foreach (var request in Requests)
            {
                if (request.Phase == SecretRequestPhase.Waiting && !(due <= request.DecidedAt.Monotonic))
                    due = request.DecidedAt.Monotonic;
            }

            return due;
        }
    }

    /// <summary>Whether both states are the same once saved; what lasts only for one run is ignored.</summary>
    internal bool SavesAs(ClientState other) => WithoutRun() == other.WithoutRun();

    /// <summary>
    /// Whether the saved states differ only by a check that succeeded, and the expiry is not earlier than before. Losing such a change in a
    /// crash never restores access that was taken away.
    /// </summary>
    internal bool LivesOnFrom(ClientState before) =>
        LastCheckerStatus is 0 or NoCheckYet
        && Expires is { } end && before.Expires is { } old && end.Monotonic >= old.Monotonic
        && SavesAs(before with { LastCheckedOk = LastCheckedOk, LastCheckerStatus = LastCheckerStatus, Expires = Expires });

    private ClientState WithoutRun() =>
        this with { ExpiresOtherwise = null, NextCheck = null, Checker = null, IsOnLastCheck = false, Requests = [], Decision = null };

    /// <summary>The state of a client that no server has seen before.</summary>
    internal static ClientState FirstSeen(ClientDefinition definition, Moment now) => new()
    {
        Name = definition.Name,
        KeyId = definition.KeyId,
        Fingerprint = definition.Fingerprint,
        Settings = definition.Settings,
        Secret = definition.Secret,
        Enabled = definition.Enabled,
        Created = now.Wall,
        LastEnabled = definition.Enabled ? now.Wall : null,
    };
}

/// <summary>A check that was started.</summary>
/// <param name="Id">A number that is unique in this run of the server.</param>
/// <param name="Command">The complete command for the shell.</param>
internal sealed record CheckerRun(long Id, string Command);

/// <summary>A connection that asked for the secret.</summary>
/// <param name="Id">A number that is unique in this run of the server.</param>
/// <param name="Phase">Its phase.</param>
/// <param name="DecidedAt">When the default decides, while the request waits.</param>
/// <param name="NeededApproval">Whether the request needs a decision, by an operator or by default.</param>
internal sealed record SecretRequest(long Id, SecretRequestPhase Phase, Moment DecidedAt, bool NeededApproval);

/// <summary>The phase of a request for the secret.</summary>
internal enum SecretRequestPhase
{
    /// <summary>Waiting for a decision.</summary>
    Waiting,

    /// <summary>The secret was released to the connection.</summary>
    Released,
}

/// <summary>An operator's decision, for all requests until a moment.</summary>
internal sealed record OperatorDecision(bool Approved, Moment Until);
