using System.Collections.Immutable;
using System.Globalization;
using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Core.Keys;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Bus.Requests;
using Mandos.Server.Clients;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Bus;

/// <summary>
/// The server on the system bus. The bus may be missing, restart or hang without effect on the clients. Their steps go into a queue that
/// never blocks; one loop processes it, maintains what is visible on the bus, sends signals and answers callers.
/// </summary>
internal sealed class ClientBus : IClientObserver, IWarningObserver, IBusObjects
{
    private static readonly string[] OwnNames = [Names.Server, Names.OldServer];

    private readonly IClientRegistry _registry;
    private readonly BusSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ILogger _decisions;
    private readonly BusQueue _queue;
    private readonly BusLoop _loop;
    private readonly BusCallers _callers = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _absenceTold;

    /// <summary>Creates the bus interface, not yet connected.</summary>
    /// <param name="registry">The clients.</param>
    /// <param name="settings">The address of the bus, and limits.</param>
    /// <param name="time">The clock for pauses and limits.</param>
    /// <param name="log">Logs events of the bus.</param>
    /// <param name="decisions">Logs who changed what, and the return of the bus; the same as <paramref name="log"/> if null.</param>
    internal ClientBus(IClientRegistry registry, BusSettings settings, TimeProvider time, ILogger log, ILogger? decisions = null)
    {
        _decisions = decisions ?? log;
        _registry = registry;
        _settings = settings;
        _time = time;
        _log = log;
        _queue = new(settings.MostWaiting);
        _loop = new(registry, settings, _queue, _callers, log, _decisions);
    }

    /// <summary>Runs until cancelled; then leaves the bus, within a short time limit.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        _registry.Subscribe(this);
        using var ended = new CancellationTokenSource();
        var loop = _loop.RunAsync(ended.Token);
        await new BusReconnection(_settings.Address, this, _time).RunAsync(ServeAsync, ReportLoss, cancellationToken).ConfigureAwait(false);
        // Without a bus address, the loop still consumes what the registry reports.
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ended.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(false);
    }

    /// <inheritdoc />
    public void Observe(ClientTransition transition) => _queue.AddHappening(new BusItem.Step(transition));

    /// <inheritdoc />
    public void ObserveAll(ImmutableArray<ClientState> clients)
    {
        _queue.AddAll(clients);
        _begun.TrySetResult();
    }

    /// <inheritdoc />
    public void ObserveUnknown(KeyId key, string address) => _queue.AddHappening(new BusItem.Unknown(key, address));

    /// <inheritdoc />
    public void Warn(ExpiryWarning warning) => _queue.AddHappening(new BusItem.Warned(warning));

    /// <inheritdoc />
    void IBusObjects.Receive(BusCall call, BusReader arguments)
    {
        if (!_callers.TryAdd(call.Sender, _settings.MostCalls))
            throw LimitExceeded($"{_settings.MostCalls} calls are still pending; try again later");
        var held = 0L;
        try
        {
            // The message contains the path too, which may be as long as a message.
            Hold(3 * call.Path.Length);
            var request = RequestReader.Read(call, arguments.Holding(Hold));
            _queue.Add(new BusItem.Asked(request, () => _callers.Remove(call.Sender, held)));
        }
        catch
        {
            _callers.Remove(call.Sender, held);
            throw;
        }

        void Hold(int bytes)
        {
            if (!_callers.TryHold(bytes, _settings.MostCallBytes))
                throw LimitExceeded(
                    $"pending calls take at most {_settings.MostCallBytes} bytes together, which this one exceeds; try again later");
            held += bytes;
        }
    }

    private static BusException LimitExceeded(FormattableString text) =>
        new(BusErrors.LimitsExceeded, text.ToString(CultureInfo.InvariantCulture));

    private async Task ServeAsync(BusConnection connection, CancellationToken lostOrEnded)
    {
        // Before that, a caller would get an empty list of clients.
        await _begun.Task.WaitAsync(lostOrEnded).ConfigureAwait(false);
        // Registered before a caller can call, so that none that leaves is missed.
        _ = await connection.MatchAsync(BusCallers.Leaving, _callers.Observe, lostOrEnded).ConfigureAwait(false);
        if (!await ClaimNamesAsync(connection, lostOrEnded).ConfigureAwait(false))
            return;
        using var abandoned = new CancellationTokenSource();
        var attachment = new BusAttachment(connection, abandoned.Token);
        _queue.Add(new BusItem.Act(() => _loop.AttachAsync(attachment)));
        TellPresence();
        await Task.Delay(Timeout.Infinite, lostOrEnded).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await DetachAsync(attachment).ConfigureAwait(false);
        await abandoned.CancelAsync().ConfigureAwait(false);
        await connection.CloseAsync(_settings.FarewellTime).ConfigureAwait(false);
        lostOrEnded.ThrowIfCancellationRequested();
    }

    /// <summary>Detaches through the queue, after everything that was queued before, but within a time limit.</summary>
    private async Task DetachAsync(BusAttachment attachment)
    {
        var detached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Add(new BusItem.Act(async () =>
        {
            await _loop.DetachAsync(attachment).ConfigureAwait(false);
            detached.TrySetResult();
        }));
        Task first = Task.WhenAny(detached.Task, attachment.Connection.Closed);
        await first.WaitAsync(_settings.FarewellTime, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// Claims both names or none: with one name only, the interface would be incomplete, while a missing one is noticed immediately.
    /// </summary>
    private async Task<bool> ClaimNamesAsync(BusConnection connection, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (missing, reason) = await TryClaimAsync(connection, cancellationToken).ConfigureAwait(false);
            if (missing is null)
                return true;
            // Right after an installation the bus may not have loaded its policy yet.
            if (attempt == 0)
                _log.BusNameLate(missing, reason);
            else if (attempt == 1)
                _log.BusNameMissing(missing, reason);
            _absenceTold = true;
            await Task.Delay(_settings.NamePause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<(string? Missing, string Reason)> TryClaimAsync(BusConnection connection, CancellationToken cancellationToken)
    {
        for (var number = 0; number < OwnNames.Length; number++)
        {
            var reason = "another program owns it";
            try
            {
                if (await connection.RequestNameAsync(OwnNames[number], cancellationToken).ConfigureAwait(false))
                    continue;
            }
            catch (BusException e)
            {
                reason = e.Message;
            }

            foreach (var had in OwnNames[..number])
                await connection.ReleaseNameAsync(had, cancellationToken).ConfigureAwait(false);
            return (OwnNames[number], reason);
        }

        return (null, "");
    }

    private void TellPresence()
    {
        var names = string.Join(", ", OwnNames);
        if (_absenceTold)
            _decisions.BackOnBus(names);
        else
            _log.OnBus(names);
        _absenceTold = false;
    }

    private void ReportLoss(BusConnectionException reason)
    {
        _absenceTold = true;
        if (reason.IsPermanent)
            _log.NeverOnBus(reason.Message);
        else
            _log.NoBus(reason.Message);
    }
}
