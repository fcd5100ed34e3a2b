using System.Net;
using System.Net.Sockets;
using Mandos.Core.Exchange;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;
using Mandos.Server.Statistics;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Listening;

/// <summary>
/// Serves one connection: the peer proves that it holds a key; the keeper of the secrets decides, immediately or later; then the peer gets
/// its secret, or the connection is closed without a message. One log line states the outcome.
/// </summary>
internal sealed class ConnectionService(
    ISecretKeeper keeper, TlsPriority priority, ConnectionLimits limits, ServerStatistics statistics, TimeProvider time, ILogger decisions,
    ILogger connections)
{
    private readonly WaitingRequests _waiting = new(limits.MostWaitingOfOneClient, time);
    private readonly ProvenAddresses _proven = new();
    private readonly FailedNetworks _failedNetworks = new(time);
    private readonly LineLimit _failed = new(connections.MoreWithoutSession);
    private readonly LineLimit _unknown = new(decisions.MoreUnknown);
    private readonly LineLimits _refused = new(decisions.MoreOfClient);
    private readonly HandshakeScheduler _turns = new(Math.Max(1, Environment.ProcessorCount - 1));

    /// <summary>Serves a connection. The caller keeps ownership of the socket.</summary>
    /// <param name="accepted">The connection.</param>
    /// <param name="pending">The entry of the connection in <paramref name="all"/>, whose token ends the connection until it has presented
    /// a known key.</param>
    /// <param name="all">All pending connections; notified of the greeting.</param>
    /// <param name="cancellationToken">Ends the connection in any case.</param>
    internal async Task ServeAsync(Socket accepted, PendingConnection pending, PendingConnections all, CancellationToken cancellationToken)
    {
        var turns = new PeerTurns(pending.Address, _turns, _proven, _failedNetworks);
        using var acceptance = await AcceptAsync(accepted, pending, all, turns).ConfigureAwait(false);
        var address = Describe(pending.Address);
        if (acceptance.Session is not { } session)
        {
            turns.Fail();
            statistics.Count(ServerCounter.HandshakesFailed);
            if (_failed.Allows())
                connections.NoSession(address, acceptance.Detail);
            return;
        }

        statistics.Count(ServerCounter.Handshakes);
        connections.ShookHands(address, session.KeyId, session.Negotiated.ToString());
        if (keeper.Knows(session.KeyId))
        {
            all.Remove(pending);
            await DecideAsync(session, pending.Address, turns, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await DecideAsync(session, pending.Address, turns, pending.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Performs the greeting and the handshake. An evicted connection counts as failed, because it had its chance.</summary>
    private async Task<DeliveryAcceptance> AcceptAsync(Socket accepted, PendingConnection pending, PendingConnections all, PeerTurns turns)
    {
        var hasGreeted = false;
        try
        {
            return await DeliverySession.AcceptAsync(
                accepted, priority, limits.Exchange, time, TakeTurnAsync, pending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            turns.Fail();
            statistics.Count(ServerCounter.HandshakesFailed);
            throw;
        }

        ValueTask<IDisposable?> TakeTurnAsync(CancellationToken token)
        {
            if (!hasGreeted)
                all.Advance(pending);
            hasGreeted = true;
            return turns.TakeAsync(token);
        }
    }

    /// <summary>Called periodically: logs how many lines were suppressed.</summary>
    internal void Report()
    {
        _failed.Report();
        _unknown.Report();
        _refused.Report();
    }

    /// <summary>
    /// Asks for the decision and carries it out. An address is proven only when a client gets its secret there: a stolen key that is
    /// disabled counts no more than an unknown one.
    /// </summary>
    private async Task DecideAsync(DeliverySession session, IPAddress peer, PeerTurns turns, CancellationToken cancellationToken)
    {
        var address = Describe(peer);
        // The bus shows the address as the socket reports it: an IPv4 client of a dual-stack socket as ::ffff:10.0.0.1.
        var request = new HeldRequest(session, keeper, _waiting, peer.ToString());
        var answer = await request.AskAsync(cancellationToken).ConfigureAwait(false);
        if (answer is null)
        {
            await RefuseWithdrawnAsync(request, session, address, cancellationToken).ConfigureAwait(false);
            return;
        }

        await using (answer.ConfigureAwait(false))
        {
            if (answer is { Client: { } client, Secret: { } secret })
            {
                turns.Prove();
                answer.IsRehearsal = session.IsRehearsal;
                answer.Delivered = await DeliverAsync(session, client, secret, address, cancellationToken).ConfigureAwait(false);
                return;
            }

            turns.Fail();
            Tell(answer, session, address);
            await session.RefuseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RefuseWithdrawnAsync(
        HeldRequest request, DeliverySession session, string address, CancellationToken cancellationToken)
    {
        switch (request.Withdrawal)
        {
            case Withdrawal.PeerLeft:
                statistics.Count(ServerCounter.LeftWhileWaiting);
                if (_refused.Allows(session.KeyId))
                    decisions.LeftWhileWaiting(address, session.KeyId);
                break;
            case Withdrawal.CrowdedOut:
                statistics.Count(ServerCounter.RefusedCrowdedOut);
                if (_refused.Allows(session.KeyId))
                    decisions.CrowdedOut(address, session.KeyId, limits.MostWaitingOfOneClient);
                await session.RefuseAsync(cancellationToken).ConfigureAwait(false);
                break;
            default:
                decisions.StoppedWhileWaiting(address, session.KeyId);
                break;
        }
    }

    /// <summary>Sends the secret; true if the delivery counts.</summary>
    private async Task<bool> DeliverAsync(
        DeliverySession session, string client, ClientSecret secret, string address, CancellationToken cancellationToken)
    {
        try
        {
            switch (await session.DeliverAsync(secret.Memory, cancellationToken).ConfigureAwait(false))
            {
                case DeliveryOutcome.Confirmed:
                    statistics.Count(session.IsRehearsal ? ServerCounter.Rehearsed : ServerCounter.Delivered);
                    if (session.IsRehearsal)
                        decisions.Rehearsed(address, client, session.KeyId);
                    else
                        decisions.Delivered(address, client, session.KeyId);
                    return true;
                case DeliveryOutcome.Unconfirmed:
                    statistics.Count(ServerCounter.DeliveredUnconfirmed);
                    decisions.DeliveredUnconfirmed(address, client, session.KeyId);
                    return false;
                default:
                    statistics.Count(ServerCounter.Interrupted);
                    decisions.Interrupted(address, client, session.KeyId);
                    return false;
            }
        }
        catch (OperationCanceledException)
        {
            // The peer may have received part or all of the secret, so this is always logged.
            statistics.Count(ServerCounter.Interrupted);
            decisions.StoppedMeanwhile(address, client, session.KeyId);
            return false;
        }
    }

    private void Tell(SecretAnswer answer, DeliverySession session, string address)
    {
        if (answer.Client is { } client)
        {
            if (answer.Refusal is { } refusal)
                statistics.Count(refusal);
            if (_refused.Allows(session.KeyId))
                decisions.Refused(address, client, session.KeyId, Words(answer.Refusal));
        }
        else
        {
            statistics.Count(ServerCounter.RefusedUnknownKey);
            if (_unknown.Allows())
                decisions.RefusedUnknown(address, session.KeyId);
        }
    }

    private static string Words(Refusal? refusal) => refusal switch
    {
        Refusal.Disabled => "it is disabled",
        Refusal.Denied => "an operator denied it",
        Refusal.ApprovalTimedOut => "not approved in time",
        Refusal.EmptySecret => "its secret is empty",
        Refusal.Removed => "it was removed in the meantime",
        _ => "it has no secret",
    };

    /// <summary>The address without port; an IPv4-mapped address is shown as IPv4.</summary>
    private static string Describe(IPAddress peer) => (peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer).ToString();
}
