namespace Mandos.Server.Clients.Registry;

/// <summary>
/// Sorts commands into those that are done now, those that wait for a save, and those that nothing blocks. Used only by the registry's
/// loop.
/// </summary>
/// <param name="table">The clients.</param>
/// <param name="steps">Provides the time.</param>
/// <param name="effects">Carries out what nothing blocks.</param>
/// <param name="due">Knows which clients are due.</param>
/// <param name="deferred">Keeps the commands that wait.</param>
/// <param name="gate">Knows what is being saved.</param>
/// <param name="post">Posts a command for a later round.</param>
internal sealed class CommandSorter(
    ClientTable table, ClientSteps steps, ClientEffects effects, DueTimes due, DeferredCommands deferred, SaveGate gate,
    Action<RegistryCommand> post)
{
    /// <summary>How many clients are started per round. A request may wait for several of these rounds.</summary>
    private const int LivesAtOnce = 128;

    /// <summary>
    /// Returns the commands to process now, including what is due. A request that nothing blocks is granted immediately; other events of a
    /// client that is being saved are deferred.
    /// </summary>
    /// <param name="happenings">The commands, in the order of their arrival.</param>
    /// <param name="stoodStill">How long the process did not run; null if it ran.</param>
    internal List<RegistryCommand> Sort(List<RegistryCommand> happenings, TimeSpan? stoodStill)
    {
        var commands = new List<RegistryCommand>();
        var wanted = new HashSet<ClientEntry>();
        foreach (var command in TakeDue(stoodStill).Concat(happenings.SelectMany(Parts)))
        {
            if (EntryOf(command) is not { } entry)
            {
                // The client may be about to be added.
                if (gate.IsTableHeld && IsWish(command))
                    deferred.Defer(command);
                else
                    commands.Add(command);
                continue;
            }

            if (command is RegistryCommand.Happened(_, ClientEvent.SecretRequested(var request))
                && !entry.IsWanted
                && !wanted.Contains(entry)
                && TryGrant(entry, request))
                continue;
            if (IsWish(command))
                wanted.Add(entry);
            if (entry.IsHeld)
                Defer(entry, command);
            else
                commands.Add(command);
        }

        return commands;
    }

    private List<RegistryCommand> TakeDue(TimeSpan? stoodStill)
    {
        var happenings = new List<RegistryCommand>();
        if (stoodStill is { } span)
        {
            foreach (var entry in table.Entries.Where(s => s.Working is not null))
                happenings.Add(new RegistryCommand.Happened(entry, steps.StoodStill(span, entry.Working!)));
        }

        foreach (var entry in due.Due(steps.Now().Monotonic))
            happenings.Add(new RegistryCommand.Happened(entry, new ClientEvent.TimePassed()));
        return happenings;
    }

    /// <summary>Starts clients in parts, so that requests in the meantime do not wait for all of them.</summary>
    private IEnumerable<RegistryCommand> Parts(RegistryCommand command)
    {
        if (command is not RegistryCommand.Begin(var entries, var first))
            return [command];
        if (gate.MustWait)
        {
            deferred.Defer(command);
            return [];
        }

        var end = Math.Min(first + LivesAtOnce, entries.Length);
        if (end < entries.Length)
            post(new RegistryCommand.Begin(entries, end));
        return Enumerable.Range(first, end - first).Select(i => new RegistryCommand.Live(entries[i]));
    }

    /// <summary>The client that a command concerns; null if there is none in the table.</summary>
    internal ClientEntry? EntryOf(RegistryCommand command) => command switch
    {
        RegistryCommand.Happened(var entry, _) => entry,
        RegistryCommand.Live(var entry) => entry,
        RegistryCommand.Wanted(var client, _, _) => table.Find(client),
        RegistryCommand.Configure(var client, _, _) => table.Find(client),
        _ => null,
    };

    /// <summary>Whether a caller waits for the outcome of a command.</summary>
    internal static bool IsWish(RegistryCommand command) => command is RegistryCommand.Wanted or RegistryCommand.Configure;

    /// <summary>Grants a request if both the published state and the state that is being saved allow it.</summary>
    private bool TryGrant(ClientEntry entry, long request)
    {
        var now = steps.Now();
        var published = entry.Published;
        if (entry.Working is not { } working || working.Secret != published.Secret
            || (!ReferenceEquals(working, published) && ClientMachine.TryGrant(working, request, now) is null)
            || ClientMachine.TryGrant(published, request, now) is not { After: { } after } step)
            return false;
        var granted = after.Requests[^1];
        entry.PublishBeside(after, granted);
        gate.PutBeside(entry, granted);
        effects.CarryOut(entry, step);
        return true;
    }

    /// <summary>Defers a command for a client.</summary>
    internal void Defer(ClientEntry entry, RegistryCommand command) => deferred.Defer(entry, command, IsWish(command));
}
