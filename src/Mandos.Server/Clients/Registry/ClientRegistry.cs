using System.Collections.Immutable;
using System.Threading.Channels;
using Mandos.Core.Keys;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>
/// All clients, for every thread. Commands are posted to one loop, which applies the state machine, saves the changes, and only then
/// publishes them and carries out their effects. Owns the clients' secrets.
/// </summary>
internal sealed class ClientRegistry : IClientRegistry, ISecretKeeper, IDisposable
{
    private readonly SecretRequests _requests = new();
    private readonly Channel<RegistryCommand> _commands = Channel.CreateUnbounded<RegistryCommand>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly RegistryLoop _loop;

    /// <summary>Takes over the clients with their secrets; nothing happens before <see cref="RunAsync"/>.</summary>
    /// <param name="clients">The clients from the store and the configuration, in table order and already saved.</param>
    /// <param name="store">Saves the clients' states.</param>
    /// <param name="checkers">Runs the checks.</param>
    /// <param name="expand">Expands checker commands.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="random">Chooses the time of each client's first check.</param>
    /// <param name="logger">Logs messages about the registry itself.</param>
    internal ClientRegistry(
        IReadOnlyList<ClientState> clients, IClientStore store, ICheckers checkers, CommandExpansion expand, TimeProvider time,
        Random random, ILogger logger)
    {
        _loop = new(_commands, _requests, store, checkers, expand, time, random, logger);
        _loop.Table.Set(clients);
    }

    /// <summary>
    /// The longest time between two rounds of the loop. After a much longer gap the server has stood still, and what became due in the gap
    /// does not count against clients. Null turns this detection off, for clocks that jump.
    /// </summary>
    internal TimeSpan? Heartbeat { get => _loop.Heartbeat; init => _loop.Heartbeat = value; }

    /// <summary>How late a client may learn that time has passed, so that one wakeup can serve several clients.</summary>
    internal TimeSpan Slack { init => _loop.Slack = value; }

    /// <summary>
    /// If so many percent of the clients fail their checks, those that need no approval stay enabled for one more timeout; null turns this
    /// off.
    /// </summary>
    internal int? MassFailure { init => _loop.MassFailure = value; }

    /// <summary>Names of clients that are saved but not served; no other client can use them.</summary>
    internal HashSet<string> Reserved { set => _loop.Table.Reserved = value; }

    /// <summary>A save has not ended because the disk does not respond: the store must not be used.</summary>
    internal bool IsStoreInUse => _loop.IsStoreInUse;

    /// <summary>A save is in progress, or its outcome has not been processed yet.</summary>
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
    /// <remarks>The change function may be called more than once.</remarks>
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
        // Registered after the request is posted, so that the withdrawal is posted after it.
        using var registration = withdrawn.UnsafeRegister((_, token) => Withdraw(entry, request, token), null);
        return await answer.ConfigureAwait(false);
    }

    /// <summary>
    /// Replaces the table with the outcome of a reload: either all of it becomes durable and effective, or none of it. Clients that do not
    /// change are left alone.
    /// </summary>
    /// <param name="plan">Builds the new table from the current clients. The loop calls it, so it must not wait. Its exceptions go to the
    /// caller.</param>
    internal Task<ChangeOutcome> ReplaceAllAsync(Func<IReadOnlyList<ClientState>, TableReplacement> plan)
    {
        var caller = NewCaller();
        if (!Post(new RegistryCommand.Replace(plan, caller)))
            caller.SetResult(ChangeOutcome.Stopping);
        return caller.Task;
    }

    /// <summary>Completes when everything that was posted before is done and saved, or the disk does not respond.</summary>
    internal Task SettleAsync()
    {
        var caller = NewCaller();
        return Post(new RegistryCommand.Settle(caller)) ? caller.Task : Task.CompletedTask;
    }

    /// <summary>Completes when the loop has processed everything that was posted before, which shows that it is alive.</summary>
    internal Task PingAsync(CancellationToken cancellationToken)
    {
        var caller = NewCaller();
        return Post(new RegistryCommand.Ping(caller)) ? caller.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
    }

    /// <inheritdoc />
    public void Subscribe(IClientObserver observer) => Post(new RegistryCommand.Subscribe(observer));

    /// <summary>
    /// Subscribes an observer directly, before <see cref="RunAsync"/>, so that no request waits while it processes many clients.
    /// </summary>
    internal void Join(IClientObserver observer) => _loop.Join(observer);

    /// <summary>
    /// Starts all clients and runs until cancelled. It then processes the commands that are still queued, stops all checks, cancels all
    /// waiting requests and saves everything. The connections should have ended before.
    /// </summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        // Queued after the subscriptions. A client that asks before its start is started at that moment.
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

    /// <summary>Posts a command; false if the registry has stopped.</summary>
    private bool Post(RegistryCommand command) => _commands.Writer.TryWrite(command);

    private void Withdraw(ClientEntry entry, long request, CancellationToken withdrawn)
    {
        if (_requests.Cancel(request, withdrawn))
            Post(new RegistryCommand.Happened(entry, new ClientEvent.RequestEnded(request, Delivered: false)));
    }
}
