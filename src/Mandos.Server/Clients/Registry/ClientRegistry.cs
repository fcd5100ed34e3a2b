using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>
/// All clients. One loop takes what happened in the order in which it came, works it out by the state machine, has saved
/// what changed, and only then lets it be seen and carries out what follows. It does not wait for the disk: what happens to a
/// client of which something is being saved waits, all others go on. Owns the clients' secrets.
/// </summary>
internal sealed partial class ClientRegistry : IClientRegistry, ISecretKeeper, IDisposable
{
    /// <summary>So that one who waits for something small need not wait for everything.</summary>
    private const int MostAtOnce = 1024;

    /// <summary>The same for lives that begin: a fetch waits for several of these parts.</summary>
    private const int LivesAtOnce = 128;

    private readonly ICheckers _checkers;
    private readonly CommandExpansion _expand;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly DurableClients _durable;
    private readonly DueTimes _due;
    private readonly DeferredCommands _deferred;
    private readonly List<IClientObserver> _observers = [];
    private readonly Channel<RegistryCommand> _commands = Channel.CreateUnbounded<RegistryCommand>(
        new UnboundedChannelOptions { SingleReader = true });
    private volatile ClientIndex _index;
    private readonly Standstill _standstill;
    private TimeSpan? _stoodStill;
    private long _entryNumber;
    private long _run;

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
        _checkers = checkers;
        _expand = expand;
        _time = time;
        _random = random;
        _logger = logger;
        _durable = new DurableClients(store, time, logger, attempt => Post(new RegistryCommand.Saved(attempt)));
        _due = new DueTimes(time, () => Post(new RegistryCommand.Wake()));
        _deferred = new DeferredCommands(_due);
        _standstill = new Standstill(time);
        _index = new ClientIndex([.. clients.Select(NewEntry)]);
    }

    /// <summary>
    /// The loop comes round at least this often. When it did not for much longer, the server stood still, and what became due
    /// meanwhile is not held against clients. Null: not looked at, as time may jump.
    /// </summary>
    internal TimeSpan? Heartbeat { get => _standstill.Heartbeat; init => _standstill.Heartbeat = value; }

    /// <summary>How late the passing of time may reach clients, if it reached others just before.</summary>
    internal TimeSpan Slack { init => _due.Slack = value; }

    /// <summary>Names of clients that are saved and not served; no other client can have them.</summary>
    internal HashSet<string> Reserved { private get; set; } = [];

    /// <inheritdoc />
    public ImmutableArray<ClientState> Clients => [.. _index.Entries.Select(s => s.Published)];

    /// <inheritdoc />
    public ClientState? Find(string name) => _index.Find(name)?.Published;

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
            caller.SetResult(Stopping);
        }

        return caller.Task;
    }

    /// <inheritdoc />
    /// <remarks>The change may be worked out more than once.</remarks>
    public Task<ChangeOutcome> ConfigureAsync(string client, Func<ClientSettings, ClientSettings> change)
    {
        var caller = NewCaller();
        if (!Post(new RegistryCommand.Configure(client, change, caller)))
            caller.SetResult(Stopping);
        return caller.Task;
    }

    /// <inheritdoc />
    public Task<ChangeOutcome> AddAsync(ClientDefinition definition)
    {
        var caller = NewCaller();
        if (!Post(new RegistryCommand.Add(definition, caller)))
        {
            definition.Secret.Dispose();
            caller.SetResult(Stopping);
        }

        return caller.Task;
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
            caller.SetResult(Stopping);
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
    internal void Join(IClientObserver observer)
    {
        observer.ObserveAll(Clients);
        _observers.Add(observer);
    }

    /// <summary>
    /// Begins the life of all clients and runs until cancelled; then what came before is worked out, all checks are ended,
    /// all waits are cancelled and everything is saved. The connections should have ended before.
    /// </summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        // Behind those who subscribed before. Nothing is given to a client whose life has not begun: it begins when it is asked for.
        Post(new RegistryCommand.Begin(_index.Entries, 0));
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await WorkAsync(cancellationToken).ConfigureAwait(false);
            _commands.Writer.TryComplete();
            DrainQueue();
            await WaitForDiskAsync().ConfigureAwait(false);
        }
        finally
        {
            // After an internal error too, no caller waits forever, and no check goes on.
            _commands.Writer.TryComplete();
            await EndAsync().ConfigureAwait(false);
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _commands.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                DrainQueue();
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    /// <summary>Wipes all secrets that are not being delivered.</summary>
    public void Dispose()
    {
        _commands.Writer.TryComplete();
        _due.Dispose();
        _durable.Dispose();
        foreach (var entry in _index.Entries)
            entry.Published.Secret.Dispose();
        _index = new ClientIndex([]);
    }

    private static ChangeOutcome Stopping { get; } = new(ChangeOutcomeKind.NotSaved, "the server stops");

    private static TaskCompletionSource<ChangeOutcome> NewCaller() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>False if the registry has ended.</summary>
    private bool Post(RegistryCommand command) => _commands.Writer.TryWrite(command);

    private ClientEntry NewEntry(ClientState state) => new(++_entryNumber, state);

    private void DrainQueue()
    {
        while (RunRound())
        {
        }
    }

    /// <summary>Takes one batch, or fewer commands and the one after them that changes the table; false if nothing is left.</summary>
    private bool RunRound()
    {
        _stoodStill = _standstill.Look();
        if (_stoodStill is { } span)
            _logger.StoodStill(span.TotalSeconds);
        // In each round: commands may keep coming while the disk is stuck.
        _durable.Look(_stoodStill is not null);
        LetGo();
        var pending = new List<RegistryCommand>();
        RegistryCommand? alone = null;
        while (alone is null && pending.Count < MostAtOnce && (_deferred.TryTake(out var command) || _commands.Reader.TryRead(out command)))
        {
            // What changes the table itself is done alone.
            if (ChangesTable(command))
                alone = command;
            else
                pending.Add(command);
        }

        RunBatch(pending);
        if (alone is not null)
            ChangeTable(alone);
        if (_deferred.HasAgain || _commands.Reader.TryPeek(out _))
            return true;
        // A save that begins earlier would keep those waiting that are in the queue.
        _durable.SaveDue();
        _due.Arm(Standstill.Earlier(_durable.NextAt, _standstill.Next));
        return false;
    }
}
