using System.Net;
using System.Net.Sockets;
using Mandos.Core.Exchange;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Listening;

/// <summary>
/// What is done with one connection: the peer proves which key it holds; the keeper of the secrets decides, at once or after
/// a while; then it gets its secret, or a close without a word. One line of the log says which.
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

    /// <summary>Serves a connection; the socket stays the caller's.</summary>
    /// <param name="accepted">The connection.</param>
    /// <param name="pending">The same among those that have not shown a known key; ends it while it is one of them.</param>
    /// <param name="all">All pending ones; informed when it advances.</param>
    /// <param name="cancellationToken">Ends it in any case.</param>
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

    /// <summary>Greeting and handshake. Who is given up for another had its chance as well as one that fails.</summary>
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

    /// <summary>Called from time to time: logs the number of what was not logged one by one.</summary>
    internal void Report()
    {
        _failed.Report();
        _unknown.Report();
    }

    private async Task DecideAsync(DeliverySession session, IPAddress peer, CancellationToken cancellationToken)
    {
        var address = Describe(peer);
        // The bus shows it as the socket does: an IPv4 client of a dual-stack socket as ::ffff:10.0.0.1.
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

    /// <summary>True if it counts as given.</summary>
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
            // A part or all of it may have been received: never without a line.
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

    /// <summary>Address without port; an IPv4 client is shown as one.</summary>
    private static string Describe(IPAddress peer) => (peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer).ToString();
}
