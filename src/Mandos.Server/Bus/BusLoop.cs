using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Server.Bus.Objects;
using Mandos.Server.Clients;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Bus;

/// <summary>Processes the queue, one item after the other. Only this loop changes what is visible on the bus.</summary>
internal sealed class BusLoop
{
    /// <summary>How many signals are sent together.</summary>
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

    /// <summary>Sends signals over this connection from now on, and makes all clients visible.</summary>
    internal async Task AttachAsync(BusAttachment attachment)
    {
        _attachment = attachment;
        foreach (var client in _clients.All)
        {
            Signal(ClientSignals.Added(client));
            await SendManyAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Hides all clients; nothing is sent over this connection any more.</summary>
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
            // An internal error costs one item, but not the connection to the bus, and not the server.
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
            case BusItem.Warned warned when _clients.TryFind(warned.Warning.Client, out var client):
                Signal([ClientSignals.ExpiresSoon(client, warned.Warning)]);
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
            // The removal ends all properties; only the refusal of waiting requests is signalled.
            foreach (var refused in step.Effects.OfType<ClientEffect.Refuse>())
                Signal(ClientSignals.Of(gone, refused));
            _clients.Remove(gone);
            Signal(ClientSignals.Removed(gone));
        }

        if (_clients.SecretsGiven != given)
            Signal([_answers.ServerChanged(Interfaces.ServerProperties.SecretsGiven)]);
    }

    /// <summary>Makes the current state visible after steps were dropped.</summary>
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

    /// <summary>Sends one answer at a time: the next is built only after the bus has taken the last.</summary>
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

    /// <summary>Sends the collected signals if there are many, which bounds their number.</summary>
    private Task SendManyAsync() => _signals.Count >= Together ? SendAsync() : Task.CompletedTask;

    /// <summary>Sends the collected signals, and waits until the bus can take more.</summary>
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

/// <summary>A connection for outgoing signals.</summary>
/// <param name="Connection">The connection, which owns our bus names.</param>
/// <param name="Abandoned">Cancelled when no task should wait any longer for the bus to accept what was sent.</param>
internal sealed record BusAttachment(BusConnection Connection, CancellationToken Abandoned);
