namespace Mandos.Server.Clients.Registry;

/// <summary>Computes the steps that events cause; nothing is visible before it is carried out.</summary>
/// <param name="expand">Expands checker commands.</param>
/// <param name="time">The clocks.</param>
/// <param name="random">Chooses the time of each client's first check.</param>
/// <param name="failures">Counts the clients that fail, when one is about to be disabled.</param>
internal sealed class ClientSteps(CommandExpansion expand, TimeProvider time, Random random, FailureCount failures)
{
    private long _run;

    internal Moment Now() => Moment.Now(time);

    /// <summary>Applies an event to a client; does nothing if the client was removed.</summary>
    internal void Take(RegistryBatch batch, ClientEntry entry, ClientEvent happening)
    {
        if (entry.Working is null)
            return;
        if (happening is not (ClientEvent.TimePassed or ClientEvent.Started or ClientEvent.StoodStill))
            PassTime(batch, entry);
        Accept(batch, entry, WorkOut(entry.Working, happening));
    }

    /// <summary>Starts a new client.</summary>
    internal void BeginNew(RegistryBatch batch, ClientEntry entry, ClientState state)
    {
        batch.Add(entry, new ClientTransition(null, state, []));
        Take(batch, entry, Beginning(state.Settings));
    }

    /// <summary>Starts a client, unless it has been started, is disabled or was removed.</summary>
    internal void Begin(RegistryBatch batch, ClientEntry entry)
    {
        if (entry.Working is { Enabled: true, NextCheck: null } state)
            Accept(batch, entry, WorkOut(state, Beginning(state.Settings)));
    }

    /// <summary>Processes what is due as a separate step, so that all observers see it.</summary>
    internal void PassTime(RegistryBatch batch, ClientEntry entry)
    {
        Begin(batch, entry);
        if (entry.Working!.NextDue <= Now().Monotonic)
            Accept(batch, entry, WorkOut(entry.Working, new ClientEvent.TimePassed()));
    }

    /// <summary>Creates the event that the process did not run for a while.</summary>
    internal ClientEvent.StoodStill StoodStill(TimeSpan span, ClientState client) =>
        new(span, client.Settings.Interval.Value * random.NextDouble());

    internal ClientTransition WorkOut(ClientState before, ClientEvent happening)
    {
        var now = Now();
        var massFailure = before.Expires?.HasCome(now) == true ? failures.Find(now) : null;
        return ClientMachine.Apply(before, happening, now, ++_run, expand, massFailure);
    }

    internal static void Accept(RegistryBatch batch, ClientEntry entry, ClientTransition transition)
    {
        if (ReferenceEquals(transition.Before, transition.After) && transition.Effects.IsEmpty)
            return;
        entry.Working = transition.After;
        batch.Add(entry, transition);
    }

    private ClientEvent.Started Beginning(ClientSettings settings) => new(settings.Interval.Value * random.NextDouble());
}
