namespace Mandos.Server.Clients.Registry;

/// <summary>Steps that become durable together, and the callers that wait for them.</summary>
internal sealed class RegistryBatch
{
    private List<(ClientEntry? Entry, ClientSecret Secret)> _discarded = [];
    private List<(ClientEntry? Entry, TaskCompletionSource<ChangeOutcome> Caller, ChangeOutcome Outcome)> _outcomes = [];

    /// <summary>The steps, in order.</summary>
    internal List<(ClientEntry Entry, ClientTransition Transition)> Steps { get; private set; } = [];

    /// <summary>The clients whose state changed.</summary>
    internal HashSet<ClientEntry> Touched { get; } = [];

    /// <summary>The clients whose state must be saved.</summary>
    internal HashSet<ClientEntry> Changed { get; } = [];

    /// <summary>The clients for which only the times must be saved, which may happen later.</summary>
    internal HashSet<ClientEntry> Late { get; } = [];

    /// <summary>Whether a caller waits for something in the batch that must be saved.</summary>
    internal bool IsWanted { get; set; }

    internal void Add(ClientEntry entry, ClientTransition transition)
    {
        Steps.Add((entry, transition));
        Touched.Add(entry);
        if (transition is { Before: { } before, After: { } after } && !before.SavesAs(after))
            (after.LivesOnFrom(before) ? Late : Changed).Add(entry);
    }

    internal void Answer(TaskCompletionSource<ChangeOutcome> caller, ChangeOutcome outcome, ClientEntry? entry = null) =>
        _outcomes.Add((entry, caller, outcome));

    /// <summary>Adds a secret that no client took over; the batch wipes it at the end.</summary>
    internal void Discard(ClientSecret secret, ClientEntry? entry = null) => _discarded.Add((entry, secret));

    /// <summary>Splits off everything that concerns clients whose states must be saved; null if there are none.</summary>
    internal RegistryBatch? SplitOff()
    {
        if (Changed.Count == 0)
            return null;
        var split = new RegistryBatch { IsWanted = IsWanted };
        split.Changed.UnionWith(Changed);
        split.Touched.UnionWith(Changed);
        Touched.ExceptWith(Changed);
        Late.ExceptWith(Changed);
        (split.Steps, Steps) = Split(Steps, step => step.Entry);
        (split._outcomes, _outcomes) = Split(_outcomes, outcome => outcome.Entry);
        (split._discarded, _discarded) = Split(_discarded, discarded => discarded.Entry);
        Changed.Clear();
        return split;

        (List<T> Changed, List<T> Others) Split<T>(List<T> all, Func<T, ClientEntry?> slotOf)
        {
            var parts = all.ToLookup(item => slotOf(item) is { } entry && Changed.Contains(entry));
            return ([.. parts[true]], [.. parts[false]]);
        }
    }

    /// <summary>Adds a request that was granted while this batch was being saved.</summary>
    internal void PutBeside(ClientEntry entry, SecretRequest request)
    {
        for (var i = 0; i < Steps.Count; i++)
        {
            if (Steps[i].Entry == entry)
                Steps[i] = (
                    entry,
                    new ClientTransition(Add(Steps[i].Transition.Before), Add(Steps[i].Transition.After), Steps[i].Transition.Effects));
        }

        ClientState? Add(ClientState? state) => state is null ? null : state with { Requests = state.Requests.Add(request) };
    }

    /// <summary>Wipes discarded secrets and answers the callers, after everything else is done.</summary>
    internal void End()
    {
        foreach (var (_, secret) in _discarded)
            secret.Dispose();
        foreach (var (_, transition) in Steps)
        {
            if (transition.Before is { } before && !ReferenceEquals(before.Secret, transition.After?.Secret))
                before.Secret.Dispose();
        }

        foreach (var (_, caller, outcome) in _outcomes)
            caller.TrySetResult(outcome);
    }

    /// <summary>Discards the steps of this batch.</summary>
    internal void Undo()
    {
        foreach (var entry in Touched)
            entry.Undo();
    }
}
