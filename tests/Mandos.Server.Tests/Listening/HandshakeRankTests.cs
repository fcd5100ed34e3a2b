using Mandos.Server.Listening;

namespace Mandos.Server.Tests.Listening;

public sealed class HandshakeRankTests
{
    /// <summary>Each line goes before the next one.</summary>
    [Fact]
    public void Handshakes_rank_in_the_order_of_the_manual()
    {
        (bool Proven, int Failures, int Steps)[] order =
        [
            (true, 1000, 0),
            (false, 0, 1),
            (false, 0, 0),
            (false, 1, 7),
            (false, 3, 0),
            (false, 4, 1),
            (false, 15, 0),
            (false, 16, 1),
            (false, 1_000_000, 0),
        ];
        var ranks = order.Select(o => HandshakeRank.Of(o.Proven, o.Failures, o.Steps)).ToList();

        Assert.Equal(Enumerable.Range(0, HandshakeRank.Count), ranks);
    }

    [Fact]
    public void A_handshake_in_many_small_pieces_loses_its_advantage() =>
        Assert.Equal(HandshakeRank.Of(false, 0, 0), HandshakeRank.Of(false, 0, 8));
}
