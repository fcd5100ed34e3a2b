using System.Collections.Immutable;

namespace Mandos.Server.Clients;

/// <summary>A step in progress: the state and the effects so far.</summary>
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

    /// <summary>The time of the step, read only once.</summary>
    internal Moment Now { get; }

    internal ClientState State { get; private set; }

    /// <summary>See <see cref="ClientMachine.Apply"/>.</summary>
    internal MassFailure? MassFailure { get; init; }

    internal ClientSettings Settings => State.Settings;

    internal void Tell(ClientEffect effect) => _effects.Add(effect);

    /// <summary>Changes state that is not visible on the bus.</summary>
    internal void Become(ClientState state) => State = state;

    /// <summary>Changes one property, and signals it if the value differs.</summary>
    internal void Change(ClientProperty property, ClientState state)
    {
        var differs = VisibleProperties.Differs(property, State, state);
        State = state;
        if (differs)
            Tell(new ClientEffect.Changed(property));
    }

    /// <summary>Starts a check unless one is running.</summary>
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

        // This counts as a failed check; the next one tries again, as the template may be fixed by then.
        Change(ClientProperty.LastCheckerStatus, State with { LastCheckerStatus = ClientState.CheckKilled });
        Tell(new ClientEffect.CheckerCompleted(new CheckerRun(_run, Settings.Checker), null) { Problem = expanded.Problem });
    }

    /// <summary>Stops the running check, if any.</summary>
    internal void StopChecker()
    {
        if (State.Checker is not { } run)
            return;
        Tell(new ClientEffect.StopChecker(run));
        Change(ClientProperty.CheckerRunning, State with { Checker = null });
    }

    /// <summary>Completes the step.</summary>
    internal ClientTransition End(bool isGone = false)
    {
        // A property that changed twice is signalled once; one that changed back is not signalled.
        var told = 0u;
        _effects.RemoveAll(e => e is ClientEffect.Changed(var property)
            && (isGone || !IsFirst(property) || !VisibleProperties.Differs(property, _before, State)));
        return new ClientTransition(_before, isGone ? null : State, _effects.DrainToImmutable());

        bool IsFirst(ClientProperty property)
        {
            var bit = 1u << (int)property;
            var isFirst = (told & bit) == 0;
            told |= bit;
            return isFirst;
        }
    }
}
