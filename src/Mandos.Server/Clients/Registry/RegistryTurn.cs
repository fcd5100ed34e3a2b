namespace Mandos.Server.Clients.Registry;

/// <summary>Steps that become durable together, and who waits for them.</summary>
internal sealed class RegistryTurn
{
    private List<(ClientSlot? Slot, ClientSecret Secret)> _discarded = [];
    private List<(ClientSlot? Slot, TaskCompletionSource<ChangeOutcome> Caller, ChangeOutcome Outcome)> _outcomes = [];

    /// <summary>In the order in which they were taken.</summary>
    internal List<(ClientSlot Slot, ClientTransition Transition)> Steps { get; private set; } = [];

    /// <summary>Whose state went on.</summary>
    internal HashSet<ClientSlot> Touched { get; } = [];

    /// <summary>Whose state is to be saved.</summary>
    internal HashSet<ClientSlot> Changed { get; } = [];

    /// <summary>Whose times alone are to be saved, which may be later.</summary>
    internal HashSet<ClientSlot> Late { get; } = [];

    /// <summary>A caller waits for something that is to be saved.</summary>
    internal bool IsWanted { get; set; }

    internal void Add(ClientSlot slot, ClientTransition transition)
    {
        Steps.Add((slot, transition));
        Touched.Add(slot);
        if (transition is { Before: { } before, After: { } after } && !before.SavesAs(after))
            (after.LivesOnFrom(before) ? Late : Changed).Add(slot);
    }

    internal void Answer(TaskCompletionSource<ChangeOutcome> caller, ChangeOutcome outcome, ClientSlot? slot = null) => _outcomes.Add((slot, caller, outcome));

    /// <summary>A secret that was not handed over.</summary>
    internal void Discard(ClientSecret secret, ClientSlot? slot = null) => _discarded.Add((slot, secret));

    /// <summary>Takes out of it all that is about clients whose states are to be saved; null if there are none.</summary>
    internal RegistryTurn? SplitOff()
    {
        if (Changed.Count == 0)
            return null;
        var split = new RegistryTurn { IsWanted = IsWanted };
        split.Changed.UnionWith(Changed);
        split.Touched.UnionWith(Changed);
        Touched.ExceptWith(Changed);
        Late.ExceptWith(Changed);
        (split.Steps, Steps) = Split(Steps, step => step.Slot);
        (split._outcomes, _outcomes) = Split(_outcomes, outcome => outcome.Slot);
        (split._discarded, _discarded) = Split(_discarded, discarded => discarded.Slot);
        Changed.Clear();
        return split;

        (List<T> Changed, List<T> Others) Split<T>(List<T> all, Func<T, ClientSlot?> slotOf)
        {
            var parts = all.ToLookup(item => slotOf(item) is { } slot && Changed.Contains(slot));
            return ([.. parts[true]], [.. parts[false]]);
        }
    }

    /// <summary>A request was granted beside what was worked out here.</summary>
    internal void PutBeside(ClientSlot slot, SecretRequest request)
    {
        for (var i = 0; i < Steps.Count; i++)
        {
            if (Steps[i].Slot == slot)
                Steps[i] = (slot, new ClientTransition(Add(Steps[i].Transition.Before), Add(Steps[i].Transition.After), Steps[i].Transition.Effects));
        }

        ClientState? Add(ClientState? state) => state is null ? null : state with { Requests = state.Requests.Add(request) };
    }

    /// <summary>When everything else is done.</summary>
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

    /// <summary>Nothing of it happened.</summary>
    internal void Undo()
    {
        foreach (var slot in Touched)
            slot.Undo();
    }
}
