using System.Collections.Immutable;

namespace Mandos.Server.Clients;

/// <summary>A step in the making: the state so far, and what follows from it so far.</summary>
internal sealed class ClientStep
{
    private readonly ClientState _before;
    private readonly ImmutableArray<ClientEffect>.Builder _effects = ImmutableArray.CreateBuilder<ClientEffect>();
    private readonly long _run;
    private readonly CommandExpansion _expand;

    internal ClientStep(ClientState before, Moment now, long run, CommandExpansion expand)
    {
        _before = before;
        _run = run;
        _expand = expand;
        State = before;
        Now = now;
    }

    /// <summary>The only now of this step.</summary>
    internal Moment Now { get; }

    internal ClientState State { get; private set; }

    internal ClientSettings Settings => State.Settings;

    internal void Tell(ClientEffect effect) => _effects.Add(effect);

    /// <summary>Changes a value that cannot be read.</summary>
    internal void Become(ClientState state) => State = state;

    /// <summary>Changes one property, and signals it if its value is another one.</summary>
    internal void Change(ClientProperty property, ClientState state)
    {
        var differs = Differs(property, State, state);
        State = state;
        if (differs)
            Tell(new ClientEffect.Changed(property));
    }

    /// <summary>Starts a check unless one runs.</summary>
    internal void StartChecker()
    {
        if (State.Checker is not null)
            return;
        var expanded = _expand(State);
        if (expanded.Command is { } command)
        {
            var run = new CheckerRun(_run, command);
            Change(ClientProperty.CheckerRunning, State with { Checker = run });
            Tell(new ClientEffect.StartChecker(run));
            return;
        }

        // Counts as a check that failed: the next round tries again, as the template may be mended by then.
        Change(ClientProperty.LastCheckerStatus, State with { LastCheckerStatus = ClientState.CheckKilled });
        Tell(new ClientEffect.CheckerCompleted(new CheckerRun(_run, Settings.Checker), null) { Problem = expanded.Problem });
    }

    /// <summary>Ends the check that runs, if one does.</summary>
    internal void StopChecker()
    {
        if (State.Checker is not { } run)
            return;
        Tell(new ClientEffect.StopChecker(run));
        Change(ClientProperty.CheckerRunning, State with { Checker = null });
    }

    /// <summary>The whole step.</summary>
    internal ClientTransition End(bool isGone = false)
    {
        // What changed twice is signalled once; what changed back was not a change.
        var told = 0u;
        _effects.RemoveAll(e => e is ClientEffect.Changed(var property)
            && (isGone || !IsFirst(property) || !Differs(property, _before, State)));
        return new ClientTransition(_before, isGone ? null : State, _effects.DrainToImmutable());

        bool IsFirst(ClientProperty property)
        {
            var bit = 1u << (int)property;
            var isFirst = (told & bit) == 0;
            told |= bit;
            return isFirst;
        }
    }

    private static bool Differs(ClientProperty property, ClientState a, ClientState b) => property switch
    {
        ClientProperty.ApprovalDelay => a.Settings.ApprovalDelay != b.Settings.ApprovalDelay,
        ClientProperty.ApprovalDuration => a.Settings.ApprovalDuration != b.Settings.ApprovalDuration,
        ClientProperty.ApprovalPending => a.ApprovalPending != b.ApprovalPending,
        ClientProperty.ApprovedByDefault => a.Settings.ApprovedByDefault != b.Settings.ApprovedByDefault,
        ClientProperty.Checker => a.Settings.Checker != b.Settings.Checker,
        ClientProperty.CheckerRunning => a.Checker is null != b.Checker is null,
        ClientProperty.Enabled => a.Enabled != b.Enabled,
        ClientProperty.Expires => a.Expires?.Wall != b.Expires?.Wall,
        ClientProperty.ExtendedTimeout => a.Settings.ExtendedTimeout != b.Settings.ExtendedTimeout,
        ClientProperty.Host => a.Settings.Host != b.Settings.Host,
        ClientProperty.Interval => a.Settings.Interval != b.Settings.Interval,
        ClientProperty.LastApprovalRequest => a.LastApprovalRequest != b.LastApprovalRequest,
        ClientProperty.LastCheckedOK => a.LastCheckedOk != b.LastCheckedOk,
        ClientProperty.LastCheckerStatus => a.LastCheckerStatus != b.LastCheckerStatus,
        ClientProperty.LastEnabled => a.LastEnabled != b.LastEnabled,
        ClientProperty.Secret => !a.Secret.Memory.Span.SequenceEqual(b.Secret.Memory.Span),
        ClientProperty.SecretsGiven => a.SecretsGiven != b.SecretsGiven,
        ClientProperty.Timeout => a.Settings.Timeout != b.Settings.Timeout,
        _ => throw new ArgumentOutOfRangeException(nameof(property)),
    };
}
