using System.Net;

namespace Mandos.Server.Listening;

/// <summary>The turns of one connection, ranked by what is known of where it comes from.</summary>
internal sealed class PeerTurns(IPAddress address, HandshakeScheduler turns, ProvenAddresses proven, FailedNetworks failed)
{
    private int _taken;

    /// <summary>Waits for the next one; it lasts until the result is disposed.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before.</exception>
    internal async ValueTask<IDisposable?> TakeAsync(CancellationToken cancellationToken)
    {
        var rank = HandshakeRank.Of(proven.Contains(address), failed.Count(address), _taken);
        var turn = await turns.TakeAsync(address, rank, cancellationToken).ConfigureAwait(false);
        _taken++;
        return turn;
    }

    /// <summary>It was a client.</summary>
    internal void Prove() => proven.Add(address);

    /// <summary>It came to nothing. One that had no turn cost nothing, and may have failed because others had them all.</summary>
    internal void Fail()
    {
        if (_taken == 0)
            return;
        failed.Add(address);
        proven.Doubt(address);
    }
}
