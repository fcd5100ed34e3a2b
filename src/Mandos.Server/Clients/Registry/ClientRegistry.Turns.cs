using Mandos.Core.Durations;

namespace Mandos.Server.Clients.Registry;

/// <summary>Working out, saving, and carrying out.</summary>
internal sealed partial class ClientRegistry
{
    /// <summary>
    /// Works out what happened and what is due. What is to be saved is saved before it is carried out, or, where that fails, only
    /// what takes away is done; everything else is carried out at once.
    /// </summary>
    private void TakeTurn(List<RegistryWork> happenings)
    {
        var works = Sort(happenings);
        var turn = WorkOut(works, isDurable: true);
        if (turn.SplitOff() is { } waiting)
            Save(waiting, [.. works.Where(work => SlotOf(work) is { } slot && waiting.Changed.Contains(slot))]);
        CarryOut(turn);
        _durable.Postpone(turn.Late);
    }

    /// <summary>It cannot be saved.</summary>
    private void GoOnUnsaved(List<RegistryWork> works)
    {
        var turn = WorkOut(works, isDurable: false);
        _durable.Owe(turn.Changed);
        CarryOut(turn);
        _durable.Postpone(turn.Late.Except(turn.Changed));
    }

    private RegistryTurn WorkOut(List<RegistryWork> works, bool isDurable)
    {
        var turn = new RegistryTurn();
        foreach (var work in works)
        {
            switch (work)
            {
                case RegistryWork.Live(var slot):
                    Begin(turn, slot);
                    break;
                case RegistryWork.Happened(var slot, ClientEvent.SecretRequested(var request)) when slot.Working is null:
                    Refuse(slot, request, Refusal.Removed);
                    break;
                case RegistryWork.Happened(var slot, var told):
                    Take(turn, slot, told);
                    break;
                case RegistryWork.Wanted(var client, var wanted, var caller):
                    Attempt(turn, client, _ => wanted, caller, isDurable);
                    if (wanted is ClientEvent.ReplaceSecret(var secret) && _roll.Find(client)?.Working?.Secret != secret)
                        turn.Discard(secret, _roll.Find(client));
                    break;
                case RegistryWork.ComeRound(var caller):
                    turn.Answer(caller, ChangeOutcome.Done);
                    break;
                case RegistryWork.Configure(var client, var change, var caller):
                    Attempt(turn, client, state => new ClientEvent.Configure(change(state.Settings)), caller, isDurable);
                    break;
            }
        }

        return turn;
    }

    /// <summary>Processes an event whose caller waits for the outcome.</summary>
    private void Attempt(RegistryTurn turn, string client, Func<ClientState, ClientEvent> make, TaskCompletionSource<ChangeOutcome> caller, bool isDurable)
    {
        if (_roll.Find(client) is not { } slot)
        {
            turn.Answer(caller, NoSuchClient(client));
            return;
        }

        PassTime(turn, slot);
        var before = slot.Working!;
        ClientEvent wanted;
        try
        {
            wanted = make(before);
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            turn.Answer(caller, new ChangeOutcome(ChangeOutcomeKind.Refused, e.Message), slot);
            return;
        }

        if (wanted is ClientEvent.Configure(var settings) && settings.Interval == Duration.Zero && before.Settings.Interval != Duration.Zero)
        {
            turn.Answer(caller, new ChangeOutcome(ChangeOutcomeKind.Refused, "an interval of no time is not possible"), slot);
            return;
        }

        var transition = WorkOut(before, wanted);
        var isSaved = transition.After is { } after && !before.SavesAs(after);
        turn.IsWanted |= isSaved;
        var isDone = isDurable || !isSaved || TakesAway(wanted, before.Settings);
        if (isDone)
            Accept(turn, slot, transition);
        // The caller can rely on it.
        if (isDone && isSaved)
            turn.Changed.Add(slot);
        turn.Answer(caller, isDurable || !isSaved ? ChangeOutcome.Done : NotSaved(isDone), slot);
    }

    /// <summary>Whether an operator's wish may be effective even when it cannot be saved.</summary>
    private static bool TakesAway(ClientEvent wanted, ClientSettings old) => wanted switch
    {
        ClientEvent.Disable => true,
        ClientEvent.Configure(var settings) => settings.OnlyTakesFrom(old),
        // A life that gets longer, a client that is enabled, another secret.
        ClientEvent.Enable or ClientEvent.CheckedOk or ClientEvent.ReplaceSecret => false,
        // A check that cannot be started, at most.
        _ => true,
    };

    private void Take(RegistryTurn turn, ClientSlot slot, ClientEvent happening)
    {
        if (slot.Working is null)
            return;
        if (happening is not (ClientEvent.TimePassed or ClientEvent.Started or ClientEvent.StoodStill))
            PassTime(turn, slot);
        Accept(turn, slot, WorkOut(slot.Working, happening));
    }

    /// <summary>Its life begins, unless it has, or it is disabled or gone.</summary>
    private void Begin(RegistryTurn turn, ClientSlot slot)
    {
        if (slot.Working is { Enabled: true, NextCheck: null })
            Accept(turn, slot, WorkOut(slot.Working, Beginning(slot)));
    }

    /// <summary>What is due is its own step, so that all observers see it.</summary>
    private void PassTime(RegistryTurn turn, ClientSlot slot)
    {
        Begin(turn, slot);
        if (slot.Working!.NextDue <= Now().Monotonic)
            Accept(turn, slot, WorkOut(slot.Working, new ClientEvent.TimePassed()));
    }

    private ClientTransition WorkOut(ClientState before, ClientEvent happening) => ClientMachine.Apply(before, happening, Now(), ++_run, _expand);

    private static void Accept(RegistryTurn turn, ClientSlot slot, ClientTransition transition)
    {
        if (ReferenceEquals(transition.Before, transition.After) && transition.Effects.IsEmpty)
            return;
        slot.Working = transition.After;
        turn.Add(slot, transition);
    }

    /// <summary>All of it is durable, or as good as it gets: lets it be seen, and does what follows.</summary>
    private void CarryOut(RegistryTurn turn)
    {
        foreach (var slot in turn.Touched)
        {
            slot.Publish();
            _due.Set(slot, slot.Working?.NextDue);
        }

        foreach (var (slot, transition) in turn.Steps)
            CarryOut(slot, AtTheLastMoment(slot, transition));
        turn.End();
    }

    private void CarryOut(ClientSlot slot, ClientTransition step)
    {
        foreach (var observer in _observers)
            observer.Observe(step);
        foreach (var effect in step.Effects)
            CarryOut(slot, effect);
    }

    /// <summary>Saving takes time, in which a client's life may have ended; later steps may have ended it too.</summary>
    private ClientTransition AtTheLastMoment(ClientSlot slot, ClientTransition transition)
    {
        if (!transition.Effects.Any(e => e is ClientEffect.Release)
            || (slot.Working is { Enabled: true } state && !(state.Expires?.Monotonic <= Now().Monotonic)))
            return transition;
        var reason = slot.Working is null ? Refusal.Removed : Refusal.Disabled;
        foreach (var release in transition.Effects.OfType<ClientEffect.Release>())
            Post(new RegistryWork.Happened(slot, new ClientEvent.RequestEnded(release.Request, Delivered: false)));
        return transition with
        {
            Effects = [.. transition.Effects.Select(e => e is ClientEffect.Release(var request, _) ? new ClientEffect.Refuse(request, reason) : e)],
        };
    }

    private void CarryOut(ClientSlot slot, ClientEffect effect)
    {
        switch (effect)
        {
            case ClientEffect.StartChecker(var run):
                _checkers.Start(slot.Name, run, exit => Post(new RegistryWork.Happened(slot, new ClientEvent.CheckerEnded(run.Id, exit))));
                break;
            case ClientEffect.StopChecker(var run):
                _checkers.Stop(run);
                break;
            case ClientEffect.Release(var request, var secret):
                Release(slot, request, secret);
                break;
            case ClientEffect.Refuse(var request, var reason):
                Refuse(slot, request, reason);
                break;
        }
    }

    private ClientEvent.Started Beginning(ClientSlot slot) => Beginning(slot.Working!.Settings);

    private ClientEvent.Started Beginning(ClientSettings settings) => new(settings.Interval.Value * _random.NextDouble());

    private Moment Now() => Moment.Now(_time);

    private static ChangeOutcome NoSuchClient(string name) => new(ChangeOutcomeKind.NoSuchClient, $"no client [{name}]");

    private ChangeOutcome NotSaved(bool isDone) =>
        new(ChangeOutcomeKind.NotSaved, isDone ? $"it is done, but not saved yet: {_durable.Problem}" : $"it is not done, as it cannot be saved: {_durable.Problem}");
}
