using System.Collections.Immutable;
using Mandos.Core.Durations;

namespace Mandos.Server.Clients;

/// <summary>Approval: which requests get the secret, and which wait for a decision.</summary>
internal static partial class ClientMachine
{
    private static void Ask(ClientStep step, long id)
    {
        var state = step.State;
        if (!state.Enabled)
        {
            step.Tell(new ClientEffect.Refuse(id, Refusal.Disabled));
            return;
        }

        if (state.Secret.Length == 0)
        {
            step.Tell(new ClientEffect.Refuse(id, Refusal.EmptySecret));
            return;
        }

        // An approval delay of zero leaves no time for a decision and turns approval off.
        var needsApproval = state.Settings.ApprovalDelay > Duration.Zero;
        if (needsApproval && state.Decision is { Approved: false })
        {
            step.Tell(new ClientEffect.Refuse(id, Refusal.Denied));
            return;
        }

        var delay = state.Settings.ApprovalDelay.Value;
        var request = new SecretRequest(id, SecretRequestPhase.Waiting, step.Now + delay, needsApproval);
        step.Change(ClientProperty.ApprovalPending, state with { Requests = state.Requests.Add(request) });
        if (!needsApproval || state.Decision is { Approved: true })
        {
            Grant(step, [request]);
            return;
        }

        step.Change(ClientProperty.LastApprovalRequest, step.State with { LastApprovalRequest = step.Now.Wall });
        step.Tell(new ClientEffect.ApprovalNeeded(id, delay, state.Settings.ApprovedByDefault));
    }

    /// <summary>
    /// Grants a request if the state allows that immediately: without a decision, without anything to save, and without anything due first.
    /// Otherwise returns null.
    /// </summary>
    internal static ClientTransition? TryGrant(ClientState state, long id, Moment now)
    {
        if (state is not { Enabled: true, Expires: { } end, NextCheck: not null, Secret.Length: > 0 }
            || end.HasCome(now) || state.Settings.ApprovalDelay > Duration.Zero)
            return null;
        var step = new ClientStep(state, now, 0, _ => throw new InvalidOperationException("no check begins here"));
        Ask(step, id);
        return step.End();
    }

    /// <summary>
    /// Applies an operator's decision to the waiting requests and to those that arrive while it is valid. A later decision replaces it and
    /// its end.
    /// </summary>
    private static void Decide(ClientStep step, bool approved)
    {
        var until = step.Now + step.Settings.ApprovalDuration.Value;
        step.Become(step.State with { Decision = new OperatorDecision(approved, until) });
        var waiting = step.State.Requests.RemoveAll(r => r.Phase != SecretRequestPhase.Waiting);
        if (approved)
            Grant(step, waiting);
        else
            Refuse(step, waiting, Refusal.Denied);
    }

    /// <summary>Applies the default decision to requests whose approval delay has passed.</summary>
    private static void DecideByDefault(ClientStep step)
    {
        var due = step.State.Requests.RemoveAll(r => r.Phase != SecretRequestPhase.Waiting || !r.DecidedAt.HasCome(step.Now));
        if (step.Settings.ApprovedByDefault)
            Grant(step, due);
        else
            Refuse(step, due, Refusal.ApprovalTimedOut);
    }

    private static void RefuseWaiting(ClientStep step, Refusal reason) =>
        Refuse(step, step.State.Requests.RemoveAll(r => r.Phase != SecretRequestPhase.Waiting), reason);

    private static void EndRequest(ClientStep step, ClientEvent.RequestEnded ended)
    {
        if (step.State.Requests.FirstOrDefault(r => r.Id == ended.Request) is not { } request)
            return;
        if (ended.Delivered && request.Phase == SecretRequestPhase.Released)
        {
            if (!ended.Rehearsal)
                Live(step, step.Settings.ExtendedTimeout.Value);
            step.Tell(new ClientEffect.SecretGiven(request.Id));
            step.Change(ClientProperty.SecretsGiven, step.State with { SecretsGiven = step.State.SecretsGiven + 1 });
        }

        step.Change(ClientProperty.ApprovalPending, step.State with { Requests = step.State.Requests.Remove(request) });
    }

    /// <summary>
    /// The only place where a secret is released. The client is enabled and has not expired, because what is due is processed first.
    /// </summary>
    private static void Grant(ClientStep step, ImmutableArray<SecretRequest> requests)
    {
        // The secret may have been replaced while the requests waited.
        if (step.State.Secret.Length == 0)
        {
            Refuse(step, requests, Refusal.EmptySecret);
            return;
        }

        foreach (var request in requests)
        {
            var released = request with { Phase = SecretRequestPhase.Released };
            step.Become(step.State with { Requests = step.State.Requests.Replace(request, released) });
            step.Tell(new ClientEffect.Release(request.Id, step.State.Secret));
        }
    }

    /// <summary>Refuses requests. The change of ApprovalPending is signalled last, as upstream does.</summary>
    private static void Refuse(ClientStep step, ImmutableArray<SecretRequest> requests, Refusal reason)
    {
        foreach (var request in requests)
            step.Tell(new ClientEffect.Refuse(request.Id, reason));
        step.Change(ClientProperty.ApprovalPending, step.State with { Requests = step.State.Requests.RemoveRange(requests) });
    }
}
