using System.Net.Sockets;
using System.Threading.Channels;
using Mandos.Core.Exchange;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Tests.Exchange;

/// <summary>The server side while its client waits for an answer.</summary>
public sealed class HeldSessionTests
{
    [Fact]
    public async Task A_cancelled_wait_does_not_disturb_the_exchange()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var (session, retrieval) = await Ends.MeetAsync(pair);
        using (session)
        {
            using var answered = new CancellationTokenSource();
            var end = session.WaitForEndAsync(answered.Token);
            await Task.Delay(20, Ends.Ct);
            Assert.False(end.IsCompleted);
            await answered.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => end);

            Assert.Equal(DeliveryOutcome.Confirmed, await session.DeliverAsync("secret"u8.ToArray(), Ends.Ct));
        }

        using var result = await retrieval;
        Assert.Equal("secret"u8, result.Secret!.Span);
    }

    [Fact]
    public async Task A_client_that_closes_its_connection_ends_the_wait()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var (session, retrieval) = await Ends.MeetAsync(pair);
        using (session)
        {
            var end = session.WaitForEndAsync(Ends.Ct);
            pair.Client.Shutdown(SocketShutdown.Send);

            await end;
        }

        pair.Server.Close();
        using var result = await retrieval;
    }

    [Theory]
    [InlineData("data")]
    [InlineData("close_notify")]
    [InlineData("alert")]
    [InlineData("nonsense")]
    public async Task Any_data_from_the_client_ends_the_wait(string word)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var peer = new TlsPeer();
        var shake = Task.Run(() => peer.ShakeHands(pair.Client), Ends.Ct);
        var acceptance = await Ends.AcceptAsync(pair.Server);
        using var session = acceptance.Session!;
        await shake;
        var end = session.WaitForEndAsync(Ends.Ct);

        peer.Say(word);

        await end;
        if (word == "close_notify")
            Assert.Equal(DeliveryOutcome.Interrupted, await session.DeliverAsync("secret"u8.ToArray(), Ends.Ct));
    }

    [Fact]
    public async Task The_handshake_waits_for_its_slot_and_releases_it()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var turn = new TaskCompletionSource<IDisposable?>();
        var given = new Turn();
        var retrieval = Ends.RetrieveAsync(pair.Client);
        var acceptance = DeliverySession.AcceptAsync(
            pair.Server, TlsPriority.Default, Ends.Patient, TimeProvider.System, _ => new(turn.Task), Ends.Ct);
        await Task.Delay(20, Ends.Ct);
        Assert.False(acceptance.IsCompleted);

        turn.SetResult(given);

        using (var session = (await acceptance).Session!)
        {
            Assert.True(given.IsOver);
            await session.RefuseAsync(Ends.Ct);
        }

        using var result = await retrieval;
        Assert.Equal(RetrievalOutcome.Refused, result.Outcome);
    }

    [Fact]
    public async Task A_handshake_that_never_gets_a_slot_times_out()
    {
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Client.SendAsync("1\r\n"u8.ToArray(), Ends.Ct);

        using var acceptance = await DeliverySession.AcceptAsync(
            pair.Server, TlsPriority.Default, new() { Handshake = TimeSpan.FromMilliseconds(50) }, TimeProvider.System, NeverAsync,
            Ends.Ct);

        Assert.Equal(AcceptanceOutcome.TimedOut, acceptance.Outcome);

        static async ValueTask<IDisposable?> NeverAsync(CancellationToken token)
        {
            await Task.Delay(Timeout.Infinite, token);
            return null;
        }
    }

    /// <summary>Our first words, and each flight of the peer: two, or three if it asks for a share of another group first.</summary>
    [Theory]
    [InlineData(null, 2)]
    [InlineData(TlsPriority.DefaultText + ":-GROUP-ALL:+GROUP-SECP256R1", 3)]
    public async Task Each_handshake_flight_waits_for_its_turn_before_computation_and_releases_it(string? peerPriority, int expected)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var asked = Channel.CreateUnbounded<TaskCompletionSource<IDisposable?>>();
        var retrieval = Ends.RetrieveAsync(pair.Client, priority: peerPriority is null ? null : Ends.Priority(peerPriority));
        var acceptance = DeliverySession.AcceptAsync(
            pair.Server, TlsPriority.Default, Ends.Patient, TimeProvider.System, _ => AskAsync(), Ends.Ct);
        var given = new List<Turn>();
        for (var turn = 0; turn < expected; turn++)
        {
            var next = await asked.Reader.ReadAsync(Ends.Ct).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Ends.Ct);
            Assert.All(given, t => Assert.True(t.IsOver));
            await Task.Delay(20, Ends.Ct);
            Assert.False(acceptance.IsCompleted);
            given.Add(new Turn());
            next.SetResult(given[^1]);
        }

        using (var session = (await acceptance).Session!)
            await session.RefuseAsync(Ends.Ct);
        Assert.All(given, t => Assert.True(t.IsOver));
        Assert.False(asked.Reader.TryRead(out _));
        using var result = await retrieval;
        Assert.Equal(RetrievalOutcome.Refused, result.Outcome);

        ValueTask<IDisposable?> AskAsync()
        {
            var turn = new TaskCompletionSource<IDisposable?>(TaskCreationOptions.RunContinuationsAsynchronously);
            Assert.True(asked.Writer.TryWrite(turn));
            return new(turn.Task);
        }
    }

    private sealed class Turn : IDisposable
    {
        public bool IsOver { get; private set; }

        public void Dispose() => IsOver = true;
    }

    /// <summary>A TLS server that says what it likes once the handshake is done.</summary>
    private sealed class TlsPeer
    {
        private TalkativeProtocol? _protocol;
        private NetworkStream? _stream;

        public void ShakeHands(Socket socket)
        {
            _stream = new NetworkStream(socket);
            _stream.Write("1\r\n"u8);
            _protocol = new TalkativeProtocol(_stream);
            _protocol.Accept(new RawPublicKeyTlsServer(Tests.Keys.GeneratedKeys.Ed25519.Parse(), TlsPriority.Default, 65536));
        }

        public void Say(string word)
        {
            switch (word)
            {
                case "data":
                    _protocol!.WriteApplicationData([1], 0, 1);
                    break;
                case "close_notify":
                    _protocol!.Alert(AlertLevel.warning, AlertDescription.close_notify);
                    break;
                case "alert":
                    _protocol!.Alert(AlertLevel.fatal, AlertDescription.internal_error);
                    break;
                default:
                    _stream!.Write(new byte[50]);
                    break;
            }
        }
    }

    private sealed class TalkativeProtocol(Stream stream) : TlsServerProtocol(stream)
    {
        public void Alert(short level, short description)
        {
            if (level == AlertLevel.warning)
                RaiseAlertWarning(description, "test");
            else
                RaiseAlertFatal(description, "test", null);
        }
    }
}
