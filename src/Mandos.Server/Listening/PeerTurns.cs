using System.Net;

namespace Mandos.Server.Listening;

/// <summary>The turns of one connection in the handshake scheduler, ranked by what is known about its address.</summary>
internal sealed class PeerTurns(IPAddress address, HandshakeScheduler turns, ProvenAddresses proven, FailedNetworks failed)
{
    private int _taken;

    /// <summary>Waits for the next turn, which lasts until the result is disposed.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    internal async ValueTask<IDisposable?> TakeAsync(CancellationToken cancellationToken)
    {
        var rank = HandshakeRank.Of(proven.Contains(address), failed.Count(address), _taken);
        var turn = await turns.TakeAsync(address, rank, cancellationToken).ConfigureAwait(false);
        _taken++;
        return turn;
    }

    /// <summary>Records that the peer was a client.</summary>
    internal void Prove() => proven.Add(address);

    /// <summary>
    /// Records that the handshake failed. A connection without a turn is not counted: it cost nothing, and may have failed because others
    /// had all turns.
    /// </summary>
    internal void Fail()
    {
        if (_taken == 0)
            return;
        failed.Add(address);
        proven.Doubt(address);
    }
}
