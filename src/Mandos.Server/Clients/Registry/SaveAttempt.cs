namespace Mandos.Server.Clients.Registry;

/// <summary>
/// One save, with the states as they were when it began. Holds their secrets while it runs: the clients may go on, and may be
/// removed, while the disk takes its time.
/// </summary>
internal sealed class SaveAttempt
{
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ClientEntry, ClientState> _states;
    private readonly List<ClientSecret> _secrets = [];
    private readonly Action _save;

    /// <param name="save">Writes it; may block.</param>
    /// <param name="entries">Whose states are saved, as they are now.</param>
    internal SaveAttempt(Action save, IReadOnlyCollection<ClientEntry> entries)
    {
        _save = save;
        _states = new(entries.Count);
        foreach (var entry in entries)
        {
            if (entry.Working is not { } state)
                continue;
            _states[entry] = state;
            if (state.Secret.TryHold())
                _secrets.Add(state.Secret);
        }
    }

    /// <summary>Called once with how it ended; null if only the record of what is owed depends on it.</summary>
    internal Action<SaveOutcome>? Conclude { get; init; }

    /// <summary>Whether the clients may go on without it when the disk does not answer.</summary>
    internal bool CanBeGivenUp { get; init; } = true;

    /// <summary>Whose times were to be saved later, and are saved by it.</summary>
    internal HashSet<ClientEntry> Late { get; init; } = [];

    /// <summary>It is about those times alone.</summary>
    internal bool IsAboutTimes { get; init; }

    /// <summary>Removals that were owed, and are saved by it.</summary>
    internal IReadOnlyCollection<string> Removals { get; init; } = [];

    /// <summary>When it takes too long, by the monotonic clock.</summary>
    internal TimeSpan Deadline { get; set; }

    /// <summary>It takes too long.</summary>
    internal bool IsOverdue { get; set; }

    /// <summary>The clients went on without it: what it saved is to be saved again.</summary>
    internal bool IsGivenUp { get; set; }

    internal IReadOnlyCollection<ClientEntry> Entries => _states.Keys;

    /// <summary>Why it failed; null if it did not.</summary>
    internal Task<Exception?> Ended => _ended.Task;

    /// <summary>Whether a client's state is still the one that it saves.</summary>
    internal bool Holds(ClientEntry entry) => entry.Working is { } now && _states.TryGetValue(entry, out var saved) && saved.SavesAs(now);

    /// <summary>Saves, on the thread that does so.</summary>
    internal void Run()
    {
        Exception? failure = null;
        try
        {
            _save();
        }
#pragma warning disable CA1031 // Whatever it is, it is the loop's, which ends by an internal error.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
        }

        foreach (var secret in _secrets)
            secret.Dispose();
        _ended.SetResult(failure);
    }
}

/// <summary>How a save ended.</summary>
internal enum SaveOutcome
{
    Saved,

    /// <summary>Nothing was changed.</summary>
    Failed,

    /// <summary>The disk does not answer: it may still be saved, or not.</summary>
    Unknown,
}

/// <summary>Whether a save began.</summary>
internal enum SaveBeginning
{
    Begun,

    /// <summary>Another one is under way: to be tried again when it has ended.</summary>
    Busy,

    /// <summary>Nothing can be saved at present.</summary>
    Refused,
}
