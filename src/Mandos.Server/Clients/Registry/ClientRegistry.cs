using System.Collections.Immutable;
using System.Threading.Channels;
using Mandos.Core.Keys;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>
/// All clients, for every thread. What is to happen to them is posted to one loop, which works it out by the state machine, has
/// saved what changed, and only then lets it be seen and carries out what follows. Owns the clients' secrets.
/// </summary>
internal sealed class ClientRegistry : IClientRegistry, ISecretKeeper, IDisposable
{
    private readonly SecretRequests _requests = new();
    private readonly Channel<RegistryCommand> _commands = Channel.CreateUnbounded<RegistryCommand>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly RegistryLoop _loop;

    /// <summary>Takes over the clients with their secrets; nothing happens before <see cref="RunAsync"/>.</summary>
    /// <param name="clients">As they come from the store and the configuration, in the order of the table, saved as they are.</param>
    /// <param name="store">Where their states are saved.</param>
    /// <param name="checkers">Who runs their checks.</param>
    /// <param name="expand">Fills in the commands of checks.</param>
    /// <param name="time">Both clocks.</param>
    /// <param name="random">For the time of each client's first check.</param>
    /// <param name="logger">For lines about the registry itself.</param>
    internal ClientRegistry(
        IReadOnlyList<ClientState> clients, IClientStore store, ICheckers checkers, CommandExpansion expand, TimeProvider time,
        Random random, ILogger logger)
    {
        _loop = new(_commands, _requests, store, checkers, expand, time, random, logger);
        _loop.Table.Set(clients);
    }

    /// <summary>
    /// The loop comes round at least this often. When it did not for much longer, the server stood still, and what became due
    /// meanwhile is not held against clients. Null: not looked at, as time may jump.
    /// </summary>
    internal TimeSpan? Heartbeat { get => _loop.Heartbeat; init => _loop.Heartbeat = value; }

    /// <summary>How late the passing of time may reach clients, if it reached others just before.</summary>
    internal TimeSpan Slack { init => _loop.Slack = value; }

    /// <summary>Names of clients that are saved and not served; no other client can have them.</summary>
    internal HashSet<string> Reserved { set => _loop.Table.Reserved = value; }

    /// <summary>The disk has not answered: the store must not be touched.</summary>
    internal bool IsStoreInUse => _loop.IsStoreInUse;

    /// <summary>A save is under way, or its outcome is not taken up yet.</summary>
    internal bool IsSaving => _loop.IsSaving;

    /// <inheritdoc />
    public ImmutableArray<ClientState> Clients => _loop.Table.States;

    /// <inheritdoc />
    public ClientState? Find(string name) => _loop.Table.Find(name)?.Published;

    /// <inheritdoc />
    public Task<ChangeOutcome> ApplyAsync(string client, ClientEvent happening)
    {
        var caller = NewCaller();
        RegistryCommand command = happening is ClientEvent.Remove
            ? new RegistryCommand.Remove(client, caller)
            : new RegistryCommand.Wanted(client, happening, caller);
        if (!Post(command))
        {
            (happening as ClientEvent.ReplaceSecret)?.Secret.Dispose();
            caller.SetResult(ChangeOutcome.Stopping);
        }

        return caller.Task;
    }

    /// <inheritdoc />
    /// <remarks>The change may be worked out more than once.</remarks>
    public Task<ChangeOutcome> ConfigureAsync(string client, Func<ClientSettings, ClientSettings> change)
    {
        var caller = NewCaller();
        if (!Post(new RegistryCommand.Configure(client, change, caller)))
            caller.SetResult(ChangeOutcome.Stopping);
        return caller.Task;
    }

    /// <inheritdoc />
    public Task<ChangeOutcome> AddAsync(ClientDefinition definition)
    {
        var caller = NewCaller();
        if (!Post(new RegistryCommand.Add(definition, caller)))
        {
            definition.Secret.Dispose();
            caller.SetResult(ChangeOutcome.Stopping);
        }

        return caller.Task;
    }

    /// <inheritdoc />
    public bool Knows(KeyId key) => _loop.Table.Find(key) is not null;

    /// <inheritdoc />
    public async Task<SecretAnswer> RequestAsync(KeyId key, string address, CancellationToken withdrawn)
    {
        withdrawn.ThrowIfCancellationRequested();
        if (_loop.Table.Find(key) is not { } entry)
        {
            Post(new RegistryCommand.UnknownKey(key, address));
            return new RegistryAnswer(null, null, null, null);
        }

        var answer = _requests.Add(out var request);
        if (!Post(new RegistryCommand.Happened(entry, new ClientEvent.SecretRequested(request))))
            _requests.Cancel(request, withdrawn);
        // After the request was posted, so that its end is posted after it.
        using var registration = withdrawn.UnsafeRegister((_, token) => Withdraw(entry, request, token), null);
        return await answer.ConfigureAwait(false);
    }

    /// <summary>
    /// Replaces the table by the outcome of a reload: all of it is durable and effective, or nothing is. Clients that stay as
    /// they are are not touched.
    /// </summary>
    /// <param name="plan">
    /// Makes the new table of the clients as they are when its turn comes; called by the loop: it must not wait. What it throws,
    /// the caller gets.
    /// </param>
    internal Task<ChangeOutcome> ReplaceAllAsync(Func<IReadOnlyList<ClientState>, TableReplacement> plan)
    {
        var caller = NewCaller();
        if (!Post(new RegistryCommand.Replace(plan, caller)))
            caller.SetResult(ChangeOutcome.Stopping);
        return caller.Task;
    }

    /// <summary>Completes when all that came before is done and saved, or the disk does not answer.</summary>
    internal Task SettleAsync()
    {
        var caller = NewCaller();
        return Post(new RegistryCommand.Settle(caller)) ? caller.Task : Task.CompletedTask;
    }

    /// <summary>Completes when the loop has done all that came before: it is alive.</summary>
    internal Task PingAsync(CancellationToken cancellationToken)
    {
        var caller = NewCaller();
        return Post(new RegistryCommand.Ping(caller)) ? caller.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
    }

    /// <inheritdoc />
    public void Subscribe(IClientObserver observer) => Post(new RegistryCommand.Subscribe(observer));

    /// <summary>The same at once, before <see cref="RunAsync"/>: no fetch waits for what an observer makes of many clients.</summary>
    internal void Join(IClientObserver observer) => _loop.Join(observer);

    /// <summary>
    /// Begins the life of all clients and runs until cancelled; then what came before is worked out, all checks are ended,
    /// all waits are cancelled and everything is saved. The connections should have ended before.
    /// </summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        // Behind those who subscribed before. Nothing is given to a client whose life has not begun: it begins when it is asked for.
        Post(new RegistryCommand.Begin(_loop.Table.Entries, 0));
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _loop.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Wipes all secrets that are not being delivered.</summary>
    public void Dispose()
    {
        _commands.Writer.TryComplete();
        _loop.Dispose();
        foreach (var client in Clients)
            client.Secret.Dispose();
        _loop.Table.Set([]);
    }

    private static TaskCompletionSource<ChangeOutcome> NewCaller() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>False if the registry has ended.</summary>
    private bool Post(RegistryCommand command) => _commands.Writer.TryWrite(command);

    private void Withdraw(ClientEntry entry, long request, CancellationToken withdrawn)
    {
        if (_requests.Cancel(request, withdrawn))
            Post(new RegistryCommand.Happened(entry, new ClientEvent.RequestEnded(request, Delivered: false)));
    }
}
