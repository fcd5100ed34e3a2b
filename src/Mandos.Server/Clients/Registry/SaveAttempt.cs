namespace Mandos.Server.Clients.Registry;

/// <summary>
/// One save, with the states as they were when it began. Holds their secrets while it runs, because clients may change or be removed
/// meanwhile.
/// </summary>
internal sealed class SaveAttempt
{
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ClientEntry, ClientState> _states;
    private readonly List<ClientSecret> _secrets = [];
    private readonly Action _save;

    /// <param name="save">Writes the states; may block.</param>
    /// <param name="entries">The clients whose current states are saved.</param>
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

    /// <summary>Called once with the outcome; null if the outcome only affects the record of unsaved changes.</summary>
    internal Action<SaveOutcome>? Conclude { get; init; }

    /// <summary>Whether the clients may continue without this save when the disk does not respond.</summary>
    internal bool CanBeGivenUp { get; init; } = true;

    /// <summary>The clients whose postponed times this save includes.</summary>
    internal HashSet<ClientEntry> Late { get; init; } = [];

    /// <summary>Whether the save contains only postponed times.</summary>
    internal bool IsAboutTimes { get; init; }

    /// <summary>Names of removed clients whose removal was still unsaved and is part of this save.</summary>
    internal IReadOnlyCollection<string> Removals { get; init; } = [];

    /// <summary>The time limit, by the monotonic clock.</summary>
    internal TimeSpan Deadline { get; set; }

    /// <summary>Whether the time limit has passed.</summary>
    internal bool IsOverdue { get; set; }

    /// <summary>Whether the clients continued without this save, so that its content must be saved again.</summary>
    internal bool IsGivenUp { get; set; }

    internal IReadOnlyCollection<ClientEntry> Entries => _states.Keys;

    /// <summary>Completes with the reason for the failure, or with null on success.</summary>
    internal Task<Exception?> Ended => _ended.Task;

    /// <summary>Whether a client's state is still the one in this save.</summary>
    internal bool Holds(ClientEntry entry) => entry.Working is { } now && _states.TryGetValue(entry, out var saved) && saved.SavesAs(now);

    /// <summary>Runs the save on the writer thread.</summary>
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

/// <summary>The outcome of a save.</summary>
internal enum SaveOutcome
{
    Saved,

    /// <summary>Nothing was changed.</summary>
    Failed,

    /// <summary>The disk does not respond: the data may or may not be saved.</summary>
    Unknown,
}

/// <summary>Whether a save began.</summary>
internal enum SaveBeginning
{
    Begun,

    /// <summary>Another save is in progress; retry when it has ended.</summary>
    Busy,

    /// <summary>Nothing can be saved at present.</summary>
    Refused,
}
