using System.Net;
using System.Net.Sockets;
using Mandos.Core.Exchange;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Listening;

/// <summary>
/// Serves one connection: the peer proves that it holds a key; the keeper of the secrets decides, immediately or later; then the peer gets
/// its secret, or the connection is closed without a message. One log line states the outcome.
/// </summary>
internal sealed class ConnectionService(
    ISecretKeeper keeper, TlsPriority priority, ConnectionLimits limits, TimeProvider time, ILogger decisions, ILogger connections)
{
    private readonly WaitingRequests _waiting = new(limits.MostWaitingOfOneClient, time);
    private readonly ProvenAddresses _proven = new();
    private readonly FailedNetworks _failedNetworks = new(time);
    private readonly LineLimit _failed = new(connections.MoreWithoutSession);
    private readonly LineLimit _unknown = new(decisions.MoreUnknown);
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
            if (_failed.Allows())
                connections.NoSession(address, acceptance.Detail);
            return;
        }

        connections.ShookHands(address, session.KeyId, session.Negotiated.ToString());
        if (keeper.Knows(session.KeyId))
        {
            all.Remove(pending);
            turns.Prove();
            await DecideAsync(session, pending.Address, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            turns.Fail();
            await DecideAsync(session, pending.Address, pending.Token).ConfigureAwait(false);
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
    }

    private async Task DecideAsync(DeliverySession session, IPAddress peer, CancellationToken cancellationToken)
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
                answer.Delivered = await DeliverAsync(session, client, secret, address, cancellationToken).ConfigureAwait(false);
                return;
            }

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
                decisions.LeftWhileWaiting(address, session.KeyId);
                break;
            case Withdrawal.CrowdedOut:
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
                    decisions.Delivered(address, client, session.KeyId);
                    return true;
                case DeliveryOutcome.Unconfirmed:
                    decisions.DeliveredUnconfirmed(address, client, session.KeyId);
                    return false;
                default:
                    decisions.Interrupted(address, client, session.KeyId);
                    return false;
            }
        }
        catch (OperationCanceledException)
        {
            // The peer may have received part or all of the secret, so this is always logged.
            decisions.StoppedMeanwhile(address, client, session.KeyId);
            return false;
        }
    }

    private void Tell(SecretAnswer answer, DeliverySession session, string address)
    {
        if (answer.Client is { } client)
            decisions.Refused(address, client, session.KeyId, Words(answer.Refusal));
        else if (_unknown.Allows())
            decisions.RefusedUnknown(address, session.KeyId);
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
