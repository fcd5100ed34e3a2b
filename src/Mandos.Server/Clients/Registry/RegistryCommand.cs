using System.Collections.Immutable;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients.Registry;

/// <summary>What the registry's loop is asked to do.</summary>
internal abstract record RegistryCommand
{
    private RegistryCommand()
    {
    }

    /// <summary>It will not be done any more.</summary>
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

    /// <summary>The lives of clients that the server started with begin, from one on, as many as may at once.</summary>
    internal sealed record Begin(ImmutableArray<ClientEntry> Entries, int First) : RegistryCommand;

    /// <summary>The life of one of them begins.</summary>
    internal sealed record Live(ClientEntry Entry) : RegistryCommand;

    /// <summary>A save has ended.</summary>
    internal sealed record Saved(SaveAttempt Attempt) : RegistryCommand;

    /// <summary>The timer: something may be due.</summary>
    internal sealed record Wake : RegistryCommand;

    /// <summary>An event of a client that no caller waits for.</summary>
    internal sealed record Happened(ClientEntry Entry, ClientEvent Event) : RegistryCommand;

    /// <summary>A requested event of a client.</summary>
    internal sealed record Wanted(string Client, ClientEvent Event, TaskCompletionSource<ChangeOutcome> Caller) : RegistryCommand;

    /// <summary>A requested change of a client's current settings.</summary>
    internal sealed record Configure(string Client, Func<ClientSettings, ClientSettings> Change, TaskCompletionSource<ChangeOutcome> Caller)
        : RegistryCommand;

    /// <summary>A client is to be taken from the table.</summary>
    internal sealed record Remove(string Client, TaskCompletionSource<ChangeOutcome> Caller) : RegistryCommand;

    /// <summary>A client is to be added.</summary>
    internal sealed record Add(ClientDefinition Definition, TaskCompletionSource<ChangeOutcome> Caller) : RegistryCommand;

    /// <summary>The whole table is to be replaced.</summary>
    internal sealed record Replace(Func<IReadOnlyList<ClientState>, TableReplacement> Plan, TaskCompletionSource<ChangeOutcome> Caller)
        : RegistryCommand;

    /// <summary>A request to see whether the loop is alive.</summary>
    internal sealed record Ping(TaskCompletionSource<ChangeOutcome> Caller) : RegistryCommand;

    /// <summary>A caller waits until all earlier work is done and saved.</summary>
    internal sealed record Settle(TaskCompletionSource<ChangeOutcome> Caller) : RegistryCommand;

    /// <summary>A new observer of everything from now on.</summary>
    internal sealed record Subscribe(IClientObserver Observer) : RegistryCommand;

    /// <summary>A peer with an unknown key was here.</summary>
    internal sealed record UnknownKey(KeyId Key, string Address) : RegistryCommand;
}
