using System.Collections.Immutable;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients.Registry;

/// <summary>A command for the registry's loop.</summary>
internal abstract record RegistryCommand
{
    private RegistryCommand()
    {
    }

    /// <summary>Answers the caller when the command will no longer be carried out.</summary>
    internal void Abandon(ChangeOutcome outcome)
    {
        var caller = this switch
        {
            Wanted wanted => wanted.Caller,
            Configure configure => configure.Caller,
            Remove remove => remove.Caller,
            Add add => add.Caller,
            Replace replace => replace.Caller,
            Ping round => round.Caller,
            Settle settle => settle.Caller,
            _ => null,
        };
        caller?.TrySetResult(outcome);
    }

    /// <summary>Start the clients that the server started with, from an index on, as many as one round may.</summary>
    internal sealed record Begin(ImmutableArray<ClientEntry> Entries, int First) : RegistryCommand;

    /// <summary>Start one client.</summary>
    internal sealed record Live(ClientEntry Entry) : RegistryCommand;

    /// <summary>A save has ended.</summary>
    internal sealed record Saved(SaveAttempt Attempt) : RegistryCommand;

    /// <summary>The timer elapsed: something may be due.</summary>
    internal sealed record Wake : RegistryCommand;

    /// <summary>An event of a client, without a waiting caller.</summary>
    internal sealed record Happened(ClientEntry Entry, ClientEvent Event) : RegistryCommand;

    /// <summary>A requested event of a client.</summary>
    internal sealed record Wanted(string Client, ClientEvent Event, TaskCompletionSource<ChangeOutcome> Caller) : RegistryCommand;

    /// <summary>A requested change of a client's current settings.</summary>
    internal sealed record Configure(string Client, Func<ClientSettings, ClientSettings> Change, TaskCompletionSource<ChangeOutcome> Caller)
        : RegistryCommand;

    /// <summary>Remove a client.</summary>
    internal sealed record Remove(string Client, TaskCompletionSource<ChangeOutcome> Caller) : RegistryCommand;

    /// <summary>Add a client.</summary>
    internal sealed record Add(ClientDefinition Definition, TaskCompletionSource<ChangeOutcome> Caller) : RegistryCommand;

    /// <summary>Replace the whole table.</summary>
    internal sealed record Replace(Func<IReadOnlyList<ClientState>, TableReplacement> Plan, TaskCompletionSource<ChangeOutcome> Caller)
        : RegistryCommand;

    /// <summary>A request to find out whether the loop is alive.</summary>
    internal sealed record Ping(TaskCompletionSource<ChangeOutcome> Caller) : RegistryCommand;

    /// <summary>A caller waits until all earlier work is done and saved.</summary>
    internal sealed record Settle(TaskCompletionSource<ChangeOutcome> Caller) : RegistryCommand;

    /// <summary>A new observer of every later step.</summary>
    internal sealed record Subscribe(IClientObserver Observer) : RegistryCommand;

    /// <summary>A peer with an unknown key connected.</summary>
    internal sealed record UnknownKey(KeyId Key, string Address) : RegistryCommand;
}
