using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Server.Bus.Objects;
using Mandos.Server.Clients;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Bus;

/// <summary>Takes one thing after the other from the queue; the only one that touches what is visible on the bus.</summary>
internal sealed class BusLoop
{
    /// <summary>Signals that are sent together.</summary>
    private const int Together = 200;

    private readonly IClientRegistry _registry;
    private readonly BusQueue _queue;
    private readonly BusCallers _callers;
    private readonly ILogger _log;
    private readonly ClientObjects _clients;
    private readonly BusCallHandler _answers;
    private readonly List<BusSignal> _signals = [];
    private BusAttachment? _attachment;
    private CancellationToken _ended;

    internal BusLoop(IClientRegistry registry, BusSettings settings, BusQueue queue, BusCallers callers, ILogger log, ILogger decisions)
    {
        _registry = registry;
        _queue = queue;
        _callers = callers;
        _log = log;
        _clients = new(settings.Paths);
        _answers = new(registry, settings, _clients, queue, _signals.Add, log, decisions);
    }

    /// <summary>Runs until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        _ended = cancellationToken;
        try
        {
            while (await _queue.WaitAsync(cancellationToken).ConfigureAwait(false))
                await TakeAllAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }

        await _answers.EndAsync().ConfigureAwait(false);
    }

    /// <summary>From now on signals go out here; all clients appear.</summary>
    internal async Task AttachAsync(BusAttachment attachment)
    {
        _attachment = attachment;
        foreach (var client in _clients.All)
        {
            Signal(ClientSignals.Added(client));
            await SendManyAsync().ConfigureAwait(false);
        }
    }

    /// <summary>All clients disappear; nothing goes out here any more.</summary>
    internal async Task DetachAsync(BusAttachment attachment)
    {
        if (_attachment != attachment)
            return;
        foreach (var client in _clients.All)
        {
            Signal(ClientSignals.Removed(client));
            await SendManyAsync().ConfigureAwait(false);
        }

        await SendAsync().ConfigureAwait(false);
        _attachment = null;
    }

    private async Task TakeAllAsync()
    {
        try
        {
            while (_queue.TryTake(out var item))
            {
                await TakeAsync(item).ConfigureAwait(false);
                await SendManyAsync().ConfigureAwait(false);
            }

            await RecoverAsync().ConfigureAwait(false);
            await SendAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One thing that meets an internal error is lost; the bus is not, and the server even less.
            _log.BusInternalError(e);
            _signals.Clear();
        }
    }

    private async Task TakeAsync(BusItem item)
    {
        switch (item)
        {
            case BusItem.Step step:
                Step(step.Transition);
                break;
            case BusItem.All all:
                foreach (var client in all.Clients)
                {
                    Step(new(null, client, []));
                    await SendManyAsync().ConfigureAwait(false);
                }

                break;
            case BusItem.Unknown unknown:
                Signal(ClientSignals.NotFound(unknown.Key, unknown.Address));
                break;
            case BusItem.Asked asked:
                await SendAsync().ConfigureAwait(false);
                await AnswerAsync(asked).ConfigureAwait(false);
                break;
            case BusItem.Act act:
                await SendAsync().ConfigureAwait(false);
                await act.Action().ConfigureAwait(false);
                break;
        }
    }

    private void Step(ClientTransition step)
    {
        var given = _clients.SecretsGiven;
        if (step.After is { } after)
        {
            var isNew = !_clients.TryFind(after.Name, out _);
            var client = _clients.Put(after);
            if (isNew)
                Signal(ClientSignals.Added(client));
            foreach (var effect in step.Effects)
                Signal(ClientSignals.Of(client, effect));
        }
        else if (step.Before is { } before && _clients.TryFind(before.Name, out var gone))
        {
            // It is the end of all its properties; only the refusal of waiting requests is signalled.
            foreach (var refused in step.Effects.OfType<ClientEffect.Refuse>())
                Signal(ClientSignals.Of(gone, refused));
            _clients.Remove(gone);
            Signal(ClientSignals.Removed(gone));
        }

        if (_clients.SecretsGiven != given)
            Signal([_answers.ServerChanged(Interfaces.ServerProperties.SecretsGiven)]);
    }

    /// <summary>Steps were dropped: what is visible becomes what is.</summary>
    private async Task RecoverAsync()
    {
        var lost = _queue.TakeLost();
        if (lost == 0)
            return;
        _log.SignalsLost(lost);
        var now = _registry.Clients.ToDictionary(c => c.Name);
        foreach (var gone in _clients.All.Where(c => !now.ContainsKey(c.State.Name)))
        {
            Step(new(gone.State, null, []));
            await SendManyAsync().ConfigureAwait(false);
        }

        foreach (var state in now.Values)
        {
            var effects = _clients.TryFind(state.Name, out var before) ? VisibleProperties.Between(before.State, state) : [];
            Step(new(before?.State, state, [.. effects.Select(p => new ClientEffect.Changed(p))]));
            await SendManyAsync().ConfigureAwait(false);
        }
    }

    private void Signal(IEnumerable<BusSignal> signals)
    {
        if (_attachment is not null)
            _signals.AddRange(signals);
    }

    /// <summary>One answer after the other: the next is not even made before the bus has taken the last.</summary>
    private async Task AnswerAsync(BusItem.Asked asked)
    {
        if (asked.Request.OnlyReads)
        {
            await WaitForBusAsync(static connection => connection.UntilTakenAsync()).ConfigureAwait(false);
            if (_callers.HasLeft(asked.Request.Call.Sender))
            {
                asked.Request.Call.Drop();
                asked.Done();
                return;
            }
        }

        _answers.Answer(asked.Request, asked.Done);
    }

    /// <summary>Sends what was collected if it is much, so that it never is very much.</summary>
    private Task SendManyAsync() => _signals.Count >= Together ? SendAsync() : Task.CompletedTask;

    /// <summary>Sends what was collected, and waits until the bus takes more.</summary>
    private async Task SendAsync()
    {
        if (_signals.Count == 0)
            return;
        BusSignal[] signals = [.. _signals];
        _signals.Clear();
        await WaitForBusAsync(connection => connection.SendAsync(signals)).ConfigureAwait(false);
    }

    private async Task WaitForBusAsync(Func<BusConnection, Task> send)
    {
        if (_attachment is not { } attachment)
            return;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_ended, attachment.Abandoned);
            await send(attachment.Connection).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (BusConnectionException)
        {
            // The owner of the connection notices this too, and opens another one.
            _attachment = null;
        }
        catch (OperationCanceledException) when (!_ended.IsCancellationRequested)
        {
            _attachment = null;
        }
    }
}

/// <summary>A connection that signals go out on.</summary>
/// <param name="Connection">Which; it has our names.</param>
/// <param name="Abandoned">No task waits any longer for the bus to accept what was sent.</param>
internal sealed record BusAttachment(BusConnection Connection, CancellationToken Abandoned);
