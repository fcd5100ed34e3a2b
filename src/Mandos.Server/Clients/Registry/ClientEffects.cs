using System.Collections.Immutable;
using System.Threading.Channels;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients.Registry;

/// <summary>Publishes computed steps and carries out their effects. Used only by the registry's loop.</summary>
/// <param name="checkers">Runs checks.</param>
/// <param name="requests">Connections that wait for a secret.</param>
/// <param name="due">When the passing of time next matters to each client.</param>
/// <param name="time">The clocks.</param>
/// <param name="commands">Takes the events that the effects cause.</param>
internal sealed class ClientEffects(
    ICheckers checkers, SecretRequests requests, DueTimes due, TimeProvider time, ChannelWriter<RegistryCommand> commands)
{
    private readonly List<IClientObserver> _observers = [];

    /// <summary>Adds an observer, which sees every later step.</summary>
    internal void Join(IClientObserver observer, ImmutableArray<ClientState> clients)
    {
        observer.ObserveAll(clients);
        _observers.Add(observer);
    }

    /// <summary>Reports to the observers that a peer with an unknown key connected.</summary>
    internal void ObserveUnknown(KeyId key, string address)
    {
        foreach (var observer in _observers)
            observer.ObserveUnknown(key, address);
    }

    /// <summary>Publishes a batch and carries out its effects. The batch is durable, or at least may be carried out unsaved.</summary>
    internal void CarryOut(RegistryBatch batch)
    {
        foreach (var entry in batch.Touched)
        {
            entry.Publish();
            due.Set(entry, entry.Working?.NextDue);
        }

        foreach (var (entry, transition) in batch.Steps)
            CarryOut(entry, AtTheLastMoment(entry, transition));
        batch.End();
    }

    /// <summary>Carries out one step of a client.</summary>
    internal void CarryOut(ClientEntry entry, ClientTransition step)
    {
        foreach (var observer in _observers)
            observer.Observe(step);
        foreach (var effect in step.Effects)
            CarryOut(entry, effect);
    }

    /// <summary>
    /// Turns releases into refusals if the client has expired while the step was saved, or was disabled or removed by a later step.
    /// </summary>
    private ClientTransition AtTheLastMoment(ClientEntry entry, ClientTransition transition)
    {
        if (!transition.Effects.Any(e => e is ClientEffect.Release)
            || (entry.Working is { Enabled: true } state && !(state.Expires?.Monotonic <= Moment.Now(time).Monotonic)))
            return transition;
        var reason = entry.Working is null ? Refusal.Removed : Refusal.Disabled;
        foreach (var release in transition.Effects.OfType<ClientEffect.Release>())
            Post(new RegistryCommand.Happened(entry, new ClientEvent.RequestEnded(release.Request, Delivered: false)));
        return transition with
        {
            Effects =
                [
                    .. transition.Effects.Select(
                        e => e is ClientEffect.Release(var request, _) ? new ClientEffect.Refuse(request, reason) : e)],
        };
    }

    private void CarryOut(ClientEntry entry, ClientEffect effect)
    {
        switch (effect)
        {
            case ClientEffect.StartChecker(var run):
                checkers.Start(
                    entry.Name, run, exit => Post(new RegistryCommand.Happened(entry, new ClientEvent.CheckerEnded(run.Id, exit))));
                break;
            case ClientEffect.StopChecker(var run):
                checkers.Stop(run);
                break;
            case ClientEffect.Release(var request, var secret):
                Release(entry, request, secret);
                break;
            case ClientEffect.Refuse(var request, var reason):
                Refuse(entry, request, reason);
                break;
        }
    }

    /// <summary>Stops the checks of all clients and cancels all waiting requests.</summary>
    internal void End(IEnumerable<ClientEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Published.Checker is { } run)
                checkers.Stop(run);
        }

        requests.CancelAll();
    }

    private void Release(ClientEntry entry, long request, ClientSecret secret)
    {
        // The client has disconnected, which has been or will be reported separately.
        if (!requests.TryTake(request, out var answer))
            return;
        if (!secret.TryHold())
            throw new InvalidOperationException("the secret of a client was wiped while it was in use");
        answer.SetResult(new RegistryAnswer(entry.Name, secret, null,
            end => Post(new RegistryCommand.Happened(entry, new ClientEvent.RequestEnded(request, end.Delivered, end.IsRehearsal)))));
    }

    /// <summary>Refuses the secret to a connection.</summary>
    internal void Refuse(ClientEntry entry, long request, Refusal reason)
    {
        if (requests.TryTake(request, out var answer))
            answer.SetResult(new RegistryAnswer(entry.Name, null, reason, null));
    }

    private void Post(RegistryCommand command) => _ = commands.TryWrite(command);
}
