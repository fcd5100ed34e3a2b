using System.Collections.Immutable;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients;

/// <summary>All that is known about a client at an instant. Changed by the state machine alone.</summary>
internal sealed record ClientState
{
    /// <summary>No check has ended yet.</summary>
    internal const int NoCheckYet = -2;

    /// <summary>The last check was ended by a signal.</summary>
    internal const int CheckKilled = -1;

    /// <summary>The section's name.</summary>
    internal required string Name { get; init; }

    /// <summary>Who it is; null for one that is known by an OpenPGP fingerprint only and cannot be served.</summary>
    internal KeyId? KeyId { get; init; }

    /// <summary>OpenPGP fingerprint, upper case; reported, never used.</summary>
    internal string Fingerprint { get; init; } = "";

    /// <summary>First seen by a server; UTC.</summary>
    internal DateTime Created { get; init; }

    internal required ClientSettings Settings { get; init; }

    internal required ClientSecret Secret { get; init; }

    /// <summary>Only an enabled client gets its secret.</summary>
    internal bool Enabled { get; init; }

    /// <summary>UTC.</summary>
    internal DateTime? LastEnabled { get; init; }

    /// <summary>UTC.</summary>
    internal DateTime? LastCheckedOk { get; init; }

    /// <summary>UTC.</summary>
    internal DateTime? LastApprovalRequest { get; init; }

    /// <summary>Exit code of the last check, or <see cref="NoCheckYet"/> or <see cref="CheckKilled"/>.</summary>
    internal int LastCheckerStatus { get; init; } = NoCheckYet;

    /// <summary>How many times its secret was given.</summary>
    internal long SecretsGiven { get; init; }

    /// <summary>When it is disabled unless something happens before; null while it is disabled.</summary>
    internal Moment? Expires { get; init; }

    /// <summary>When the next check starts; null while it is disabled.</summary>
    internal Moment? NextCheck { get; init; }

    /// <summary>The check that runs; null if none does.</summary>
    internal CheckerRun? Checker { get; init; }

    /// <summary>It lives on after a standstill only until the next check has ended; see <see cref="ClientEvent.StoodStill"/>.</summary>
    internal bool IsOnLastCheck { get; init; }

    /// <summary>Connections that asked for the secret, got no refusal, and have not ended.</summary>
    internal ImmutableArray<SecretRequest> Requests { get; init; } = [];

    /// <summary>What an operator decided, while it holds; null otherwise.</summary>
    internal OperatorDecision? Decision { get; init; }

    /// <summary>Whether a connection that needs an approval waits for it, or has it and has not ended.</summary>
    internal bool ApprovalPending => Requests.Any(r => r.NeededApproval);

    /// <summary>
    /// When <see cref="ClientEvent.TimePassed"/> is wanted, by the monotonic clock; null: nothing will come by itself. What an
    /// operator decided ends without a signal: it is checked only at the next request.
    /// </summary>
    internal TimeSpan? NextDue
    {
        get
        {
            var due = Expires?.Monotonic;
            if (NextCheck is { } check && !(due <= check.Monotonic))
                due = check.Monotonic;
            foreach (var request in Requests)
            {
                if (request.Phase == SecretRequestPhase.Waiting && !(due <= request.DecidedAt.Monotonic))
                    due = request.DecidedAt.Monotonic;
            }

            return due;
        }
    }

    /// <summary>Whether both are the same once they are saved: what lives in a run only is not looked at.</summary>
    internal bool SavesAs(ClientState other) => WithoutRun() == other.WithoutRun();

    /// <summary>
    /// Whether it differs, once it is saved, by a check that succeeded and nothing else, and its life ends no earlier than before:
    /// who forgets that in a crash gives nothing that was taken away.
    /// </summary>
    internal bool LivesOnFrom(ClientState before) =>
        LastCheckerStatus is 0 or NoCheckYet
        && Expires is { } end && before.Expires is { } old && end.Monotonic >= old.Monotonic
        && SavesAs(before with { LastCheckedOk = LastCheckedOk, LastCheckerStatus = LastCheckerStatus, Expires = Expires });

    private ClientState WithoutRun() =>
        this with { NextCheck = null, Checker = null, IsOnLastCheck = false, Requests = [], Decision = null };

    /// <summary>A client that no server has seen before.</summary>
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
/// <param name="Id">Distinguishes it from every other one of this run of the server.</param>
/// <param name="Command">For the shell, all filled in.</param>
internal sealed record CheckerRun(long Id, string Command);

/// <summary>A connection that asked for the secret.</summary>
/// <param name="Id">Distinguishes it from every other one of this run of the server.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="DecidedAt">When the default decides, while it waits.</param>
/// <param name="NeededApproval">It may not have the secret without a decision, an operator's or the default.</param>
internal sealed record SecretRequest(long Id, SecretRequestPhase Phase, Moment DecidedAt, bool NeededApproval);

/// <summary>How far a connection that asked for the secret is.</summary>
internal enum SecretRequestPhase
{
    /// <summary>For a decision.</summary>
    Waiting,

    /// <summary>The secret is on its way.</summary>
    Released,
}

/// <summary>What an operator said, for all requests until then.</summary>
internal sealed record OperatorDecision(bool Approved, Moment Until);
