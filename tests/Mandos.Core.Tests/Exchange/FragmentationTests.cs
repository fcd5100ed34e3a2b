using CsCheck;
using Mandos.Core.Exchange;

namespace Mandos.Core.Tests.Exchange;

public sealed class FragmentationTests
{
    [Fact]
    public async Task The_exchange_does_not_depend_on_how_the_stream_is_cut() =>
        await Gen.Select(Gen.Int, Gen.Int[1, 3000]).SampleAsync(async (seed, most) =>
        {
            var random = new Random(seed);
            await AssertArrivesAsync(() => random.Next(1, most + 1), new byte[random.Next(1, 20_000)]);
        }, iter: 15, threads: 1);

    [Fact]
    public async Task A_peer_that_sends_single_bytes_is_understood() => await AssertArrivesAsync(() => 1, "a secret"u8.ToArray());

    private static async Task AssertArrivesAsync(Func<int> nextPiece, byte[] secret)
    {
        using var pair = await LoopbackPair.OpenAsync();
        await using var tap = new Tap(nextPiece);
        var retrieval = Ends.RetrieveAsync(await tap.InFrontOfAsync(pair.Server));
        using var acceptance = await Ends.AcceptAsync(pair.Client);
        Assert.True(acceptance.Outcome == AcceptanceOutcome.Ready, acceptance.Detail);
        Assert.Equal(DeliveryOutcome.Confirmed, await acceptance.Session!.DeliverAsync(secret, Ends.Ct));
        using var result = await retrieval;
        Assert.Equal(RetrievalOutcome.Received, result.Outcome);
        Assert.Equal(secret, result.Secret!.Span.ToArray());
    }
}
