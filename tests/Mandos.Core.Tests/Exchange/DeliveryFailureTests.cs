using System.Net.Sockets;
using Mandos.Core.Exchange;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Core.Tests.Exchange;

/// <summary>Deliveries to clients that disconnect, wait or stop reading after the handshake.</summary>
public sealed class DeliveryFailureTests
{
    [Fact]
    public async Task If_the_client_does_not_respond_to_the_data_the_delivery_is_unconfirmed()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var time = new FakeTimeProvider();
        using var client = await SilentClientAsync(pair);
        using var session = await client.AcceptedAsync(pair, time);
        var delivery = session.DeliverAsync(new byte[100], Ends.Ct);
        // The data and close_notify are there.
        while (pair.Client.Available < 100)
            await Task.Delay(5, Ends.Ct);
        while (!delivery.IsCompleted)
        {
            await Task.Delay(20, Ends.Ct);
            time.Advance(TimeSpan.FromSeconds(2));
        }
        Assert.Equal(DeliveryOutcome.Unconfirmed, await delivery);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task If_the_client_disconnects_without_an_answer_the_delivery_is_unconfirmed(bool reset)
    {
        using var pair = await LoopbackPair.OpenAsync();
        using var client = await SilentClientAsync(pair);
        using var session = await client.AcceptedAsync(pair, TimeProvider.System);
        var delivery = session.DeliverAsync(new byte[100], Ends.Ct);
        // The data and close_notify are there.
        while (pair.Client.Available < 100)
            await Task.Delay(5, Ends.Ct);
        if (reset)
            pair.Client.Close(0);
        else
            pair.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(DeliveryOutcome.Unconfirmed, await delivery);
    }

    [Fact]
    public async Task A_delivery_to_a_disconnected_client_is_interrupted()
    {
        using var pair = await LoopbackPair.OpenAsync();
        using var client = await SilentClientAsync(pair);
        using var session = await client.AcceptedAsync(pair, TimeProvider.System);
        pair.Client.Close(0);
        Assert.Equal(DeliveryOutcome.Interrupted, await session.DeliverAsync(new byte[4_000_000], Ends.Ct));
    }

    [Fact]
    public async Task A_delivery_to_a_client_that_stops_reading_is_interrupted()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var time = new FakeTimeProvider();
        using var client = await SilentClientAsync(pair);
        using var session = await client.AcceptedAsync(pair, time);
        var delivery = session.DeliverAsync(new byte[64_000_000], Ends.Ct);
        while (!delivery.IsCompleted)
        {
            await Task.Delay(20, Ends.Ct);
            time.Advance(TimeSpan.FromHours(1));
        }
        Assert.Equal(DeliveryOutcome.Interrupted, await delivery);
    }

    [Fact]
    public async Task A_client_that_disconnects_early_gets_nothing()
    {
        using var pair = await LoopbackPair.OpenAsync();
        using var client = await SilentClientAsync(pair);
        using var session = await client.AcceptedAsync(pair, TimeProvider.System);
        client.Stop();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Retrieval);
        pair.Client.Shutdown(SocketShutdown.Both);
        await session.RefuseAsync(Ends.Ct);
    }

    [Fact]
    public async Task A_cancelled_delivery_throws_OperationCanceledException()
    {
        using var pair = await LoopbackPair.OpenAsync();
        using var cancel = new CancellationTokenSource();
        using var client = await SilentClientAsync(pair);
        using var session = await client.AcceptedAsync(pair, TimeProvider.System);
        var delivery = session.DeliverAsync(new byte[100], cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delivery);
    }

    private static Task<SilentClient> SilentClientAsync(LoopbackPair pair) => Task.FromResult(new SilentClient(pair));

    /// <summary>Our client, stopped in its tracks once the handshake is done.</summary>
    private sealed class SilentClient : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        public SilentClient(LoopbackPair pair) =>
            Retrieval = Ends.RetrieveAsync(pair.Client, debug: _ => _stop.Cancel(), ct: _stop.Token);

        public Task<RetrievalResult> Retrieval { get; }

        public void Stop() => _stop.Cancel();

        public async Task<DeliverySession> AcceptedAsync(LoopbackPair pair, TimeProvider time)
        {
            var acceptance = await Ends.AcceptAsync(pair.Server, time: time, limits: new());
            Assert.True(acceptance.Outcome == AcceptanceOutcome.Ready, acceptance.Detail);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Retrieval);
            return acceptance.Session!;
        }

        public void Dispose() => _stop.Dispose();
    }
}
