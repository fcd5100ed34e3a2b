namespace Mandos.Server.Clients;

/// <summary>Steps that become durable together, and who waits for them.</summary>
internal sealed class RegistryTurn
{
    private readonly List<ClientSecret> _discarded = [];
    private readonly List<(TaskCompletionSource<ChangeOutcome> Caller, ChangeOutcome Outcome)> _outcomes = [];

    /// <summary>In the order in which they were taken.</summary>
    internal List<(ClientSlot Slot, ClientTransition Transition)> Steps { get; } = [];

    /// <summary>Whose state went on.</summary>
    internal HashSet<ClientSlot> Touched { get; } = [];

    /// <summary>Whose state is to be saved.</summary>
    internal HashSet<ClientSlot> Changed { get; } = [];

    /// <summary>Whose times alone are to be saved, which may be later.</summary>
    internal HashSet<ClientSlot> Late { get; } = [];

    /// <summary>Somebody waits for something that is to be saved.</summary>
    internal bool IsWanted { get; set; }

    internal void Add(ClientSlot slot, ClientTransition transition)
    {
        Steps.Add((slot, transition));
        Touched.Add(slot);
        if (transition is { Before: { } before, After: { } after } && !before.SavesAs(after))
            (after.LivesOnFrom(before) ? Late : Changed).Add(slot);
    }

    internal void Answer(TaskCompletionSource<ChangeOutcome> caller, ChangeOutcome outcome) => _outcomes.Add((caller, outcome));

    /// <summary>A secret that nobody took over.</summary>
    internal void Discard(ClientSecret secret) => _discarded.Add(secret);

    /// <summary>When everything else is done.</summary>
    internal void End()
    {
        foreach (var secret in _discarded)
            secret.Dispose();
        foreach (var (_, transition) in Steps)
        {
            if (transition.Before is { } before && !ReferenceEquals(before.Secret, transition.After?.Secret))
                before.Secret.Dispose();
        }

        foreach (var (caller, outcome) in _outcomes)
            caller.TrySetResult(outcome);
    }

    /// <summary>Nothing of it happened.</summary>
    internal void Undo()
    {
        foreach (var slot in Touched)
            slot.Undo();
    }
}
