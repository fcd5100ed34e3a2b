using System.Net;
using System.Net.Sockets;
using Mandos.Core.Exchange;
using Mandos.Core.Keys;
using Mandos.Server.Clients;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Listening;

/// <summary>
/// What is done with one connection: the peer proves which key it holds; if a client that is enabled has that key, it gets
/// its secret, and in all other cases a close without a word. One line of the log tells which.
/// </summary>
internal sealed class ConnectionService(ClientTable clients, TlsPriority priority, ExchangeLimits limits, TimeProvider time, ILogger decisions, ILogger connections)
{
    /// <summary>Serves a connection; the socket stays the caller's.</summary>
    /// <param name="accepted">The connection.</param>
    /// <param name="pending">Its place among those that have not shown a known key; ends it while it has that place.</param>
    /// <param name="isKnown">Called when it has.</param>
    /// <param name="cancellationToken">Ends it in any case.</param>
    internal async Task ServeAsync(Socket accepted, PendingConnection pending, Action isKnown, CancellationToken cancellationToken)
    {
        var address = Describe(accepted.RemoteEndPoint as IPEndPoint);
        using var acceptance = await DeliverySession.AcceptAsync(accepted, priority, limits, time, pending.Token).ConfigureAwait(false);
        if (acceptance.Session is not { } session)
        {
            connections.NoSession(address, acceptance.Detail);
            return;
        }

        var key = session.KeyId;
        var client = clients.Find(key);
        if (client is { Enabled: true, NeedsApproval: false, Secret.Length: > 0 })
        {
            isKnown();
            await DeliverAsync(session, client, key, address, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (client is null)
            decisions.RefusedUnknown(address, key);
        else if (!client.Enabled)
            decisions.RefusedDisabled(address, client.Name, key);
        else if (client.NeedsApproval)
            decisions.RefusedUnapproved(address, client.Name, key);
        else
            decisions.RefusedEmpty(address, client.Name, key);
        await session.RefuseAsync(pending.Token).ConfigureAwait(false);
    }

    private async Task DeliverAsync(DeliverySession session, Client client, KeyId key, string address, CancellationToken cancellationToken)
    {
        try
        {
            switch (await session.DeliverAsync(client.Secret.Memory, cancellationToken).ConfigureAwait(false))
            {
                case DeliveryOutcome.Confirmed:
                    decisions.Delivered(address, client.Name, key);
                    break;
                case DeliveryOutcome.Unconfirmed:
                    decisions.DeliveredUnconfirmed(address, client.Name, key);
                    break;
                default:
                    decisions.Interrupted(address, client.Name, key);
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // A part or all of it may have been received: never without a line.
            decisions.StoppedMeanwhile(address, client.Name, key);
        }
    }

    /// <summary>Address without port; an IPv4 client is shown as one.</summary>
    private static string Describe(IPEndPoint? peer) =>
        peer is null ? "?" : (peer.Address.IsIPv4MappedToIPv6 ? peer.Address.MapToIPv4() : peer.Address).ToString();
}
