namespace Mandos.Server.Clients.Registry;

/// <summary>Sorts commands: what is done now, what must wait for a save, and what nothing blocks. For the registry's loop.</summary>
/// <param name="table">The clients.</param>
/// <param name="steps">The clocks.</param>
/// <param name="effects">Carries out what nothing blocks.</param>
/// <param name="due">Whose time has come.</param>
/// <param name="deferred">What waits.</param>
/// <param name="gate">What is being saved.</param>
/// <param name="post">Takes what is done in a later round.</param>
internal sealed class CommandSorter(
    ClientTable table, ClientSteps steps, ClientEffects effects, DueTimes due, DeferredCommands deferred, SaveGate gate,
    Action<RegistryCommand> post)
{
    /// <summary>How many lives begin in a round: a fetch waits for several of these parts.</summary>
    private const int LivesAtOnce = 128;

    /// <summary>
    /// What is to be worked out now, with what is due. A client whose request nothing blocks gets it
    /// at once; what happens to a client of which something is being saved waits.
    /// </summary>
    /// <param name="happenings">In the order in which they came.</param>
    /// <param name="stoodStill">For how long the process did not run; null: it did.</param>
    internal List<RegistryCommand> Sort(List<RegistryCommand> happenings, TimeSpan? stoodStill)
    {
        var commands = new List<RegistryCommand>();
        var wanted = new HashSet<ClientEntry>();
        foreach (var command in TakeDue(stoodStill).Concat(happenings.SelectMany(Parts)))
        {
            if (EntryOf(command) is not { } entry)
            {
                // Of a client that may be about to come.
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

    /// <summary>Lives begin one part after the other, so that who asks meanwhile does not wait for all of them.</summary>
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

    /// <summary>The client that a command is about; null if it is about none in the table.</summary>
    internal ClientEntry? EntryOf(RegistryCommand command) => command switch
    {
        RegistryCommand.Happened(var entry, _) => entry,
        RegistryCommand.Live(var entry) => entry,
        RegistryCommand.Wanted(var client, _, _) => table.Find(client),
        RegistryCommand.Configure(var client, _, _) => table.Find(client),
        _ => null,
    };

    /// <summary>Whether a caller waits for it.</summary>
    internal static bool IsWish(RegistryCommand command) => command is RegistryCommand.Wanted or RegistryCommand.Configure;

    /// <summary>
    /// Releases the secret if both the durable state and the state being saved allow it. A request is not lost before that.
    /// </summary>
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

    /// <summary>A command about a client waits.</summary>
    internal void Defer(ClientEntry entry, RegistryCommand command) => deferred.Defer(entry, command, IsWish(command));
}
