using System.Collections.Immutable;
using System.Threading.Channels;
using Mandos.Core.Keys;

namespace Mandos.Server.Clients.Registry;

/// <summary>Lets what was worked out be seen, and does what follows from it. Used by the registry's loop alone.</summary>
/// <param name="checkers">Who runs checks.</param>
/// <param name="requests">Connections that wait for a secret.</param>
/// <param name="due">When time passes for a client next.</param>
/// <param name="time">Both clocks.</param>
/// <param name="commands">Takes what happens to a client because of it.</param>
internal sealed class ClientEffects(
    ICheckers checkers, SecretRequests requests, DueTimes due, TimeProvider time, ChannelWriter<RegistryCommand> commands)
{
    private readonly List<IClientObserver> _observers = [];

    /// <summary>From now on an observer sees each step.</summary>
    internal void Join(IClientObserver observer, ImmutableArray<ClientState> clients)
    {
        observer.ObserveAll(clients);
        _observers.Add(observer);
    }

    /// <summary>A peer with an unknown key was here.</summary>
    internal void ObserveUnknown(KeyId key, string address)
    {
        foreach (var observer in _observers)
            observer.ObserveUnknown(key, address);
    }

    /// <summary>All of it is durable, or as good as it gets: lets it be seen, and does what follows.</summary>
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

    /// <summary>One step of a client.</summary>
    internal void CarryOut(ClientEntry entry, ClientTransition step)
    {
        foreach (var observer in _observers)
            observer.Observe(step);
        foreach (var effect in step.Effects)
            CarryOut(entry, effect);
    }

    /// <summary>Saving takes time, in which a client's life may have ended; later steps may have ended it too.</summary>
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

    /// <summary>Of all that are checked the checks end, and what waits for a secret is cancelled.</summary>
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
        // The client has disconnected: this was reported already, or will be.
        if (!requests.TryTake(request, out var answer))
            return;
        if (!secret.TryHold())
            throw new InvalidOperationException("the secret of a client was wiped while it was in use");
        answer.SetResult(new RegistryAnswer(entry.Name, secret, null,
            delivered => Post(new RegistryCommand.Happened(entry, new ClientEvent.RequestEnded(request, delivered)))));
    }

    /// <summary>A connection gets no secret.</summary>
    internal void Refuse(ClientEntry entry, long request, Refusal reason)
    {
        if (requests.TryTake(request, out var answer))
            answer.SetResult(new RegistryAnswer(entry.Name, null, reason, null));
    }

    private void Post(RegistryCommand command) => _ = commands.TryWrite(command);
}
