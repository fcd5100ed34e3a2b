using Mandos.Core.Durations;

namespace Mandos.Server.Clients.Registry;

/// <summary>Working out, saving, and carrying out.</summary>
internal sealed partial class ClientRegistry
{
    /// <summary>
    /// Works out what happened and what is due. What is to be saved is saved before it is carried out, or, where that fails, only
    /// what takes away is done; everything else is carried out at once.
    /// </summary>
    private void RunBatch(List<RegistryCommand> happenings)
    {
        var commands = Sort(happenings);
        var batch = WorkOut(commands, isDurable: true);
        if (batch.SplitOff() is { } waiting)
            Save(waiting, [.. commands.Where(command => EntryOf(command) is { } entry && waiting.Changed.Contains(entry))]);
        CarryOut(batch);
        _durable.Postpone(batch.Late);
    }

    /// <summary>It cannot be saved.</summary>
    private void GoOnUnsaved(List<RegistryCommand> commands)
    {
        var batch = WorkOut(commands, isDurable: false);
        _durable.Defer(batch.Changed);
        CarryOut(batch);
        _durable.Postpone(batch.Late.Except(batch.Changed));
    }

    private RegistryBatch WorkOut(List<RegistryCommand> commands, bool isDurable)
    {
        var batch = new RegistryBatch();
        foreach (var command in commands)
        {
            switch (command)
            {
                case RegistryCommand.Live(var entry):
                    Begin(batch, entry);
                    break;
                case RegistryCommand.Happened(var entry, ClientEvent.SecretRequested(var request)) when entry.Working is null:
                    Refuse(entry, request, Refusal.Removed);
                    break;
                case RegistryCommand.Happened(var entry, var told):
                    Take(batch, entry, told);
                    break;
                case RegistryCommand.Wanted(var client, var wanted, var caller):
                    Attempt(batch, client, _ => wanted, caller, isDurable);
                    if (wanted is ClientEvent.ReplaceSecret(var secret) && _index.Find(client)?.Working?.Secret != secret)
                        batch.Discard(secret, _index.Find(client));
                    break;
                case RegistryCommand.Ping(var caller):
                    batch.Answer(caller, ChangeOutcome.Done);
                    break;
                case RegistryCommand.Configure(var client, var change, var caller):
                    Attempt(batch, client, state => new ClientEvent.Configure(change(state.Settings)), caller, isDurable);
                    break;
            }
        }

        return batch;
    }

    /// <summary>Processes an event whose caller waits for the outcome.</summary>
    private void Attempt(
        RegistryBatch batch, string client, Func<ClientState, ClientEvent> make, TaskCompletionSource<ChangeOutcome> caller, bool isDurable)
    {
        if (_index.Find(client) is not { } entry)
        {
            batch.Answer(caller, NoSuchClient(client));
            return;
        }

        PassTime(batch, entry);
        var before = entry.Working!;
        ClientEvent wanted;
        try
        {
            wanted = make(before);
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            batch.Answer(caller, new ChangeOutcome(ChangeOutcomeKind.Refused, e.Message), entry);
            return;
        }

        if (wanted is ClientEvent.Configure(var settings)
            && settings.Interval == Duration.Zero
            && before.Settings.Interval != Duration.Zero)
        {
            batch.Answer(caller, new ChangeOutcome(ChangeOutcomeKind.Refused, "an interval of no time is not possible"), entry);
            return;
        }

        var transition = WorkOut(before, wanted);
        var isSaved = transition.After is { } after && !before.SavesAs(after);
        batch.IsWanted |= isSaved;
        var isDone = isDurable || !isSaved || TakesAway(wanted, before.Settings);
        if (isDone)
            Accept(batch, entry, transition);
        // The caller can rely on it.
        if (isDone && isSaved)
            batch.Changed.Add(entry);
        batch.Answer(caller, isDurable || !isSaved ? ChangeOutcome.Done : NotSaved(isDone), entry);
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

    private void Take(RegistryBatch batch, ClientEntry entry, ClientEvent happening)
    {
        if (entry.Working is null)
            return;
        if (happening is not (ClientEvent.TimePassed or ClientEvent.Started or ClientEvent.StoodStill))
            PassTime(batch, entry);
        Accept(batch, entry, WorkOut(entry.Working, happening));
    }

    /// <summary>Its life begins, unless it has, or it is disabled or gone.</summary>
    private void Begin(RegistryBatch batch, ClientEntry entry)
    {
        if (entry.Working is { Enabled: true, NextCheck: null })
            Accept(batch, entry, WorkOut(entry.Working, Beginning(entry)));
    }

    /// <summary>What is due is its own step, so that all observers see it.</summary>
    private void PassTime(RegistryBatch batch, ClientEntry entry)
    {
        Begin(batch, entry);
        if (entry.Working!.NextDue <= Now().Monotonic)
            Accept(batch, entry, WorkOut(entry.Working, new ClientEvent.TimePassed()));
    }

    private ClientTransition WorkOut(ClientState before, ClientEvent happening) =>
        ClientMachine.Apply(before, happening, Now(), ++_run, _expand);

    private static void Accept(RegistryBatch batch, ClientEntry entry, ClientTransition transition)
    {
        if (ReferenceEquals(transition.Before, transition.After) && transition.Effects.IsEmpty)
            return;
        entry.Working = transition.After;
        batch.Add(entry, transition);
    }

    /// <summary>All of it is durable, or as good as it gets: lets it be seen, and does what follows.</summary>
    private void CarryOut(RegistryBatch batch)
    {
        foreach (var entry in batch.Touched)
        {
            entry.Publish();
            _due.Set(entry, entry.Working?.NextDue);
        }

        foreach (var (entry, transition) in batch.Steps)
            CarryOut(entry, AtTheLastMoment(entry, transition));
        batch.End();
    }

    private void CarryOut(ClientEntry entry, ClientTransition step)
    {
        foreach (var observer in _observers)
            observer.Observe(step);
        foreach (var effect in step.Effects)
            CarryOut(entry, effect);
    }

    /// <summary>Saving takes time, in which a client's life may have ended; later steps may have ended it too.</summary>
    private ClientTransition AtTheLastMoment(ClientEntry entry, ClientTransition transition)
    {
        if (!transition.Effects.Any(e => e is ClientEffect.Release)
            || (entry.Working is { Enabled: true } state && !(state.Expires?.Monotonic <= Now().Monotonic)))
            return transition;
        var reason = entry.Working is null ? Refusal.Removed : Refusal.Disabled;
        foreach (var release in transition.Effects.OfType<ClientEffect.Release>())
            Post(new RegistryCommand.Happened(entry, new ClientEvent.RequestEnded(release.Request, Delivered: false)));
        return transition with
        {
            Effects =
                [
                    .. transition.Effects.Select(
                        e => e is ClientEffect.Release(var request, _) ? new ClientEffect.Refuse(request, reason) : e)],
        };
    }

    private void CarryOut(ClientEntry entry, ClientEffect effect)
    {
        switch (effect)
        {
            case ClientEffect.StartChecker(var run):
                _checkers.Start(
                    entry.Name, run, exit => Post(new RegistryCommand.Happened(entry, new ClientEvent.CheckerEnded(run.Id, exit))));
                break;
            case ClientEffect.StopChecker(var run):
                _checkers.Stop(run);
                break;
            case ClientEffect.Release(var request, var secret):
                Release(entry, request, secret);
                break;
            case ClientEffect.Refuse(var request, var reason):
                Refuse(entry, request, reason);
                break;
        }
    }

    private ClientEvent.Started Beginning(ClientEntry entry) => Beginning(entry.Working!.Settings);

    private ClientEvent.Started Beginning(ClientSettings settings) => new(settings.Interval.Value * _random.NextDouble());

    private Moment Now() => Moment.Now(_time);

    private static ChangeOutcome NoSuchClient(string name) => new(ChangeOutcomeKind.NoSuchClient, $"no client [{name}]");

    private ChangeOutcome NotSaved(bool isDone) =>
        new(
            ChangeOutcomeKind.NotSaved,
            isDone ? $"it is done, but not saved yet: {_durable.Problem}" : $"it is not done, as it cannot be saved: {_durable.Problem}");
}
