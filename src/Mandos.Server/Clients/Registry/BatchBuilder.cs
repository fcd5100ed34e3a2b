using Mandos.Core.Durations;

namespace Mandos.Server.Clients.Registry;

/// <summary>Works out what commands come to for clients.</summary>
/// <param name="table">The clients.</param>
/// <param name="steps">Works out a step.</param>
/// <param name="effects">For requests of clients that are gone.</param>
/// <param name="durable">Why something cannot be saved.</param>
internal sealed class BatchBuilder(ClientTable table, ClientSteps steps, ClientEffects effects, DurableClients durable)
{
    /// <summary>Works these out, one after the other.</summary>
    /// <param name="commands">Events of clients and wishes about them.</param>
    /// <param name="isDurable">What is to be saved will be before it is carried out; else only what takes away is done.</param>
    internal RegistryBatch Build(List<RegistryCommand> commands, bool isDurable)
    {
        var batch = new RegistryBatch();
        foreach (var command in commands)
        {
            switch (command)
            {
                case RegistryCommand.Live(var entry):
                    steps.Begin(batch, entry);
                    break;
                case RegistryCommand.Happened(var entry, ClientEvent.SecretRequested(var request)) when entry.Working is null:
                    effects.Refuse(entry, request, Refusal.Removed);
                    break;
                case RegistryCommand.Happened(var entry, var told):
                    steps.Take(batch, entry, told);
                    break;
                case RegistryCommand.Wanted(var client, var wanted, var caller):
                    Attempt(batch, client, _ => wanted, caller, isDurable);
                    if (wanted is ClientEvent.ReplaceSecret(var secret) && table.Find(client)?.Working?.Secret != secret)
                        batch.Discard(secret, table.Find(client));
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
        if (table.Find(client) is not { } entry)
        {
            batch.Answer(caller, ChangeOutcome.NoSuchClient(client));
            return;
        }

        steps.PassTime(batch, entry);
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
            batch.Answer(caller, new ChangeOutcome(ChangeOutcomeKind.Refused, "the interval must be greater than zero"), entry);
            return;
        }

        var transition = steps.WorkOut(before, wanted);
        var isSaved = transition.After is { } after && !before.SavesAs(after);
        batch.IsWanted |= isSaved;
        var isDone = isDurable || !isSaved || TakesAway(wanted, before.Settings);
        if (isDone)
            ClientSteps.Accept(batch, entry, transition);
        // The caller can rely on it.
        if (isDone && isSaved)
            batch.Changed.Add(entry);
        batch.Answer(caller, isDurable || !isSaved ? ChangeOutcome.Done : ChangeOutcome.NotSaved(durable.Problem, isDone), entry);
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
}
