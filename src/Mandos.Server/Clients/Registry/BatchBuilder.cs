using Mandos.Core.Durations;

namespace Mandos.Server.Clients.Registry;

/// <summary>Applies commands to clients and collects the resulting steps in a batch.</summary>
/// <param name="table">The clients.</param>
/// <param name="steps">Computes each step.</param>
/// <param name="effects">Refuses the requests of removed clients.</param>
/// <param name="durable">Knows why something cannot be saved.</param>
internal sealed class BatchBuilder(ClientTable table, ClientSteps steps, ClientEffects effects, DurableClients durable)
{
    /// <summary>Applies commands one after the other.</summary>
    /// <param name="commands">Events of clients, and changes that callers requested.</param>
    /// <param name="isDurable">True if the batch is saved before it is carried out. If false, only changes that take something away are
    /// made.</param>
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

        if (wanted is ClientEvent.Maintain && !before.Enabled)
        {
            batch.Answer(caller, new ChangeOutcome(ChangeOutcomeKind.Refused, $"client [{client}] is disabled; enable it first"), entry);
            return;
        }

        var transition = steps.WorkOut(before, wanted);
        var isSaved = transition.After is { } after && !before.SavesAs(after);
        batch.IsWanted |= isSaved;
        var isDone = isDurable || !isSaved || TakesAway(wanted, before.Settings);
        if (isDone)
            ClientSteps.Accept(batch, entry, transition);
        // The caller relies on this change, so it is saved with the decisive ones.
        if (isDone && isSaved)
            batch.Changed.Add(entry);
        batch.Answer(caller, isDurable || !isSaved ? ChangeOutcome.Done : ChangeOutcome.NotSaved(durable.Problem, isDone), entry);
    }

    /// <summary>Whether a requested change may take effect even if it cannot be saved.</summary>
    private static bool TakesAway(ClientEvent wanted, ClientSettings old) => wanted switch
    {
        ClientEvent.Disable => true,
        ClientEvent.Configure(var settings) => settings.OnlyTakesFrom(old),
        ClientEvent.Maintain(var span) => span <= TimeSpan.Zero,
        // These extend the expiry, enable a client or replace a secret.
        ClientEvent.Enable or ClientEvent.CheckedOk or ClientEvent.ReplaceSecret => false,
        // The others at most prevent a check.
        _ => true,
    };
}
