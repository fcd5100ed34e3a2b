using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Clients.Registry;

/// <summary>
/// Processes commands in order, has the results saved, and then carries them out. It does not wait for the disk: events of a client that is
/// being saved are deferred, and all other clients continue.
/// </summary>
internal sealed class RegistryLoop : IDisposable
{
    /// <summary>The most commands in one batch, so that a caller with a small request need not wait for everything.</summary>
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
    private readonly FailureCount _failures;
    private TimeSpan? _stoodStill;

    /// <param name="commands">The commands; the loop posts to this channel too.</param>
    /// <param name="requests">Connections that wait for a secret.</param>
    /// <param name="store">Saves the clients.</param>
    /// <param name="checkers">Runs the checks.</param>
    /// <param name="expand">Expands checker commands.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="random">Chooses the time of each client's first check.</param>
    /// <param name="logger">Logs messages about the registry itself.</param>
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
        _failures = new(() => Table!.Entries.Select(entry => entry.Working).OfType<ClientState>());
        var steps = new ClientSteps(expand, time, random, _failures);
        _effects = new(checkers, requests, _due, time, commands.Writer);
        Table = new(steps, _effects, _durable, _gate, logger);
        _sorter = new(Table, steps, _effects, _due, _deferred, _gate, Post);
        _builder = new(Table, steps, _effects, _durable);
        _standstill = new(time);
    }

    /// <summary>The clients.</summary>
    internal ClientTable Table { get; }

    /// <summary>A save is in progress, or its outcome has not been processed yet.</summary>
    internal bool IsSaving => _durable.Attempt is not null;

    /// <summary>A save has not ended because the disk does not respond: the store must not be used.</summary>
    internal bool IsStoreInUse => _durable.Attempt is { Ended.IsCompleted: false };

    /// <summary>See <see cref="Standstill.Heartbeat"/>.</summary>
    internal TimeSpan? Heartbeat { get => _standstill.Heartbeat; set => _standstill.Heartbeat = value; }

    /// <summary>See <see cref="FailureCount.Percent"/>.</summary>
    internal int? MassFailure { set => _failures.Percent = value; }

    /// <summary>See <see cref="DueTimes.Slack"/>.</summary>
    internal TimeSpan Slack { set => _due.Slack = value; }

    /// <summary>Adds an observer, which sees every later step. Called by the loop, or before it runs.</summary>
    internal void Join(IClientObserver observer) => _effects.Join(observer, Table.States);

    /// <summary>Runs until cancelled; then processes the remaining commands, stops all checks and saves everything.</summary>
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
            // After an internal error too, no caller waits forever and no check keeps running.
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
            // The loop was cancelled.
        }
    }

    private void DrainQueue()
    {
        while (RunRound())
        {
        }
    }

    /// <summary>
    /// Processes one batch, which ends early at a command that must run alone, and then that command; false if nothing is left.
    /// </summary>
    private bool RunRound()
    {
        _stoodStill = _standstill.Look();
        if (_stoodStill is { } span)
            _logger.StoodStill(span.TotalSeconds);
        // In each round, because commands may keep arriving while the disk is stuck.
        _durable.Look(_stoodStill is not null);
        _gate.LetGo();
        var pending = new List<RegistryCommand>();
        RegistryCommand? alone = null;
        while (alone is null && pending.Count < MostAtOnce && (_deferred.TryTake(out var command) || _commands.Reader.TryRead(out command)))
        {
            // Commands that change the table itself run alone.
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
        // An earlier save would make the queued commands wait.
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
    /// Processes events and what is due. Changes that must be saved are carried out after the save, or, if it fails, only if they take
    /// something away; everything else is carried out immediately.
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

    /// <summary>Carries out, without saving, what may be effective unsaved.</summary>
    private void GoOnUnsaved(List<RegistryCommand> commands)
    {
        var batch = _builder.Build(commands, isDurable: false);
        _durable.Defer(batch.Changed);
        _effects.CarryOut(batch);
        _durable.Postpone(batch.Late.Except(batch.Changed));
    }

    /// <summary>Saves a batch, or defers its commands if it must wait.</summary>
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

    /// <summary>At shutdown, waits until everything is saved or the time limit for the disk has passed.</summary>
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
