using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>
/// Takes commands in the order in which they came, has them worked out and saved, and then carried out. It does not wait for
/// the disk: what happens to a client of which something is being saved waits, all others go on.
/// </summary>
internal sealed class RegistryLoop : IDisposable
{
    /// <summary>So that one who waits for something small need not wait for everything.</summary>
    private const int MostAtOnce = 1024;

    private readonly Channel<RegistryCommand> _commands;
    private readonly ILogger _logger;
    private readonly DurableClients _durable;
    private readonly DueTimes _due;
    private readonly DeferredCommands _deferred;
    private readonly SaveGate _gate;
    private readonly ClientEffects _effects;
    private readonly CommandSorter _sorter;
    private readonly BatchBuilder _builder;
    private readonly Standstill _standstill;
    private TimeSpan? _stoodStill;

    /// <param name="commands">What is to be done; the loop posts to it, too.</param>
    /// <param name="requests">Connections that wait for a secret.</param>
    /// <param name="store">Where the clients are saved.</param>
    /// <param name="checkers">Who runs their checks.</param>
    /// <param name="expand">Fills in the commands of checks.</param>
    /// <param name="time">Both clocks.</param>
    /// <param name="random">For the time of each client's first check.</param>
    /// <param name="logger">For lines about the registry itself.</param>
    internal RegistryLoop(
        Channel<RegistryCommand> commands, SecretRequests requests, IClientStore store, ICheckers checkers, CommandExpansion expand,
        TimeProvider time, Random random, ILogger logger)
    {
        _commands = commands;
        _logger = logger;
        _durable = new(store, time, logger, attempt => Post(new RegistryCommand.Saved(attempt)));
        _due = new(time, () => Post(new RegistryCommand.Wake()));
        _deferred = new(_due);
        _gate = new(_durable, _deferred, time);
        var steps = new ClientSteps(expand, time, random);
        _effects = new(checkers, requests, _due, time, commands.Writer);
        Table = new(steps, _effects, _durable, _gate, logger);
        _sorter = new(Table, steps, _effects, _due, _deferred, _gate, Post);
        _builder = new(Table, steps, _effects, _durable);
        _standstill = new(time);
    }

    /// <summary>The clients.</summary>
    internal ClientTable Table { get; }

    /// <summary>A save is under way, or its outcome is not taken up yet.</summary>
    internal bool IsSaving => _durable.Attempt is not null;

    /// <summary>The disk has not answered: the store must not be touched.</summary>
    internal bool IsStoreInUse => _durable.Attempt is { Ended.IsCompleted: false };

    /// <summary>See <see cref="Standstill.Heartbeat"/>.</summary>
    internal TimeSpan? Heartbeat { get => _standstill.Heartbeat; set => _standstill.Heartbeat = value; }

    /// <summary>See <see cref="DueTimes.Slack"/>.</summary>
    internal TimeSpan Slack { set => _due.Slack = value; }

    /// <summary>From now on an observer sees each step. By the loop, or before it runs.</summary>
    internal void Join(IClientObserver observer) => _effects.Join(observer, Table.States);

    /// <summary>Runs until cancelled; then what came before is worked out, all checks end and everything is saved.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
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

    /// <inheritdoc />
    public void Dispose()
    {
        _due.Dispose();
        _durable.Dispose();
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
        _gate.LetGo();
        var pending = new List<RegistryCommand>();
        RegistryCommand? alone = null;
        while (alone is null && pending.Count < MostAtOnce && (_deferred.TryTake(out var command) || _commands.Reader.TryRead(out command)))
        {
            // What changes the table itself is done alone.
            if (IsDoneAlone(command))
                alone = command;
            else
                pending.Add(command);
        }

        RunBatch(pending);
        if (alone is not null)
            DoAlone(alone);
        if (_deferred.HasAgain || _commands.Reader.TryPeek(out _))
            return true;
        // A save that begins earlier would keep those waiting that are in the queue.
        _durable.SaveDue();
        _due.Arm(Standstill.Earlier(_durable.NextAt, _standstill.Next));
        return false;
    }

    private static bool IsDoneAlone(RegistryCommand command) =>
        command is RegistryCommand.Add or RegistryCommand.Remove or RegistryCommand.Replace or RegistryCommand.Subscribe
            or RegistryCommand.UnknownKey
            or RegistryCommand.Saved or RegistryCommand.Settle;

    private void DoAlone(RegistryCommand command)
    {
        switch (command)
        {
            case RegistryCommand.Saved(var attempt):
                _durable.End(attempt);
                _gate.LetGo();
                break;
            case RegistryCommand.Settle(var caller) when !_gate.MustWait:
                caller.TrySetResult(ChangeOutcome.Done);
                break;
            case RegistryCommand.Settle:
                _deferred.Defer(command);
                break;
            case RegistryCommand.Add or RegistryCommand.Remove or RegistryCommand.Replace when _gate.MustWait:
                _gate.DeferTable(command);
                break;
            case RegistryCommand.Add(var definition, var caller):
                Table.Add(definition, caller);
                break;
            case RegistryCommand.Remove(var client, var caller):
                Table.Remove(client, caller);
                break;
            case RegistryCommand.Replace(var plan, var caller):
                Table.Replace(plan, caller);
                break;
            case RegistryCommand.Subscribe(var observer):
                Join(observer);
                break;
            case RegistryCommand.UnknownKey(var key, var address):
                _effects.ObserveUnknown(key, address);
                break;
        }
    }

    /// <summary>
    /// Works out what happened and what is due. What is to be saved is saved before it is carried out, or, where that fails, only
    /// what takes away is done; everything else is carried out at once.
    /// </summary>
    private void RunBatch(List<RegistryCommand> happenings)
    {
        var commands = _sorter.Sort(happenings, _stoodStill);
        var batch = _builder.Build(commands, isDurable: true);
        if (batch.SplitOff() is { } waiting)
            Save(waiting, [.. commands.Where(command => _sorter.EntryOf(command) is { } entry && waiting.Changed.Contains(entry))]);
        _effects.CarryOut(batch);
        _durable.Postpone(batch.Late);
    }

    /// <summary>It cannot be saved.</summary>
    private void GoOnUnsaved(List<RegistryCommand> commands)
    {
        var batch = _builder.Build(commands, isDurable: false);
        _durable.Defer(batch.Changed);
        _effects.CarryOut(batch);
        _durable.Postpone(batch.Late.Except(batch.Changed));
    }

    /// <summary>Saves a turn; where it must wait, it is worked out later.</summary>
    private void Save(RegistryBatch batch, List<RegistryCommand> commands)
    {
        switch (_gate.Save(batch, commands.Select(command => (_sorter.EntryOf(command)!, CommandSorter.IsWish(command))), Conclude))
        {
            case SaveBeginning.Begun:
                break;
            case SaveBeginning.Busy:
                batch.Undo();
                foreach (var command in commands)
                    _sorter.Defer(_sorter.EntryOf(command)!, command);
                break;
            default:
                batch.Undo();
                GoOnUnsaved(commands);
                break;
        }

        void Conclude(SaveOutcome outcome)
        {
            if (outcome == SaveOutcome.Saved)
            {
                _effects.CarryOut(batch);
            }
            else
            {
                batch.Undo();
                GoOnUnsaved(commands);
            }
        }
    }

    /// <summary>At the end, until everything that came is saved, or the disk has had its time.</summary>
    private async Task WaitForDiskAsync()
    {
        while (_durable.Attempt is { } attempt)
        {
            if (!await _gate.HasEndedAsync(attempt).ConfigureAwait(false))
            {
                if (!attempt.IsOverdue)
                    _durable.GiveUp(attempt);
                _gate.LetGo();
                DrainQueue();
                return;
            }

            _durable.End(attempt);
            _gate.LetGo();
            DrainQueue();
        }
    }

    private async Task EndAsync()
    {
        _effects.End(Table.Entries);
        foreach (var command in _deferred.Rest)
            command.Abandon(ChangeOutcome.Stopping);
        while (_commands.Reader.TryRead(out var command))
            command.Abandon(ChangeOutcome.Stopping);
        await _gate.SaveRestAsync().ConfigureAwait(false);
        if (IsStoreInUse)
            _logger.StopsUnsaved();
    }

    private void Post(RegistryCommand command) => _ = _commands.Writer.TryWrite(command);
}
