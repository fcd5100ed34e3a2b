using System.Net.Sockets;
using Mandos.Core.Exchange;
using Mandos.Core.Tests.Keys;
using Org.BouncyCastle.Tls;

namespace Mandos.Core.Tests.Exchange;

/// <summary>Peers that keep the other side computing after the handshake and say nothing.</summary>
public sealed class RecordBoundsTests
{
    [Theory]
    [InlineData("empty records", 32)]
    [InlineData("key updates", 4)]
    [InlineData("key updates both ways", 4)]
    [InlineData("warnings", 5)]
    [InlineData("padding", 4)]
    public async Task Warnings_and_padding_within_the_limits_are_accepted(string what, int count)
    {
        using var result = await RunAsync(what, count);

        Assert.True(result.Outcome == RetrievalOutcome.Received, result.Detail);
        Assert.Equal("ab"u8, result.Secret!.Span);
    }

    [Theory]
    [InlineData("empty records", 33, "the peer sends more than 32 records in a row without data")]
    [InlineData("key updates", 5, "the peer sends more than 4 key updates")]
    [InlineData("key updates both ways", 5, "the peer sends more than 4 key updates")]
    [InlineData("key updates in one record", 5, "the peer sends more than 4 key updates")]
    [InlineData("warnings", 6, "the peer sends more than 5 warnings")]
    [InlineData("padding", 5, "the peer sends 80132 bytes of padding with 1 bytes of data")]
    [InlineData("padding with a byte", 5, "the peer sends 80132 bytes of padding with 6 bytes of data")]
    public async Task One_more_than_the_limit_fails_the_connection(string what, int count, string detail)
    {
        using var result = await RunAsync(what, count);

        Assert.Equal((RetrievalOutcome.ConnectionLost, detail), (result.Outcome, result.Detail));
        Assert.Null(result.Secret);
    }

    [Fact]
    public async Task Data_between_empty_records_resets_the_count()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var retrieval = Ends.RetrieveAsync(pair.Client);
        using var server = await HostileServer.ShakeHandsAsync(pair.Server);
        for (var i = 0; i < 5; i++)
        {
            for (var empty = 0; empty < 30; empty++)
                await server.SendEmptyRecordAsync();
            await server.WriteAsync("x"u8.ToArray());
        }

        await server.SendAlertAsync(AlertDescription.close_notify);
        using var result = await retrieval;

        Assert.Equal("xxxxx"u8, result.Secret!.Span);
    }

    [Theory]
    [InlineData("empty records", 33)]
    [InlineData("key updates", 5)]
    [InlineData("warnings", 6)]
    [InlineData("padding", 5)]
    public async Task The_wait_ends_if_a_held_client_exceeds_a_record_limit(string what, int count)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var peer = new HostileClient();
        var shaking = Task.Run(() => peer.ShakeHands(pair.Client), Ends.Ct);
        using var acceptance = await Ends.AcceptAsync(pair.Server);
        await shaking;
        var end = acceptance.Session!.WaitForEndAsync(Ends.Ct);

        for (var i = 0; i < count; i++)
            peer.Send(what);

        await end;
    }

    private static async Task<RetrievalResult> RunAsync(string what, int count)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var retrieval = Ends.RetrieveAsync(pair.Client);
        using var server = await HostileServer.ShakeHandsAsync(pair.Server);
        try
        {
            await server.WriteAsync("a"u8.ToArray());
            if (what == "key updates in one record")
                await server.UpdateKeysInOneRecordAsync(count);
            for (var i = 0; i < count && what != "key updates in one record"; i++)
            {
                await (what switch
                {
                    "empty records" => server.SendEmptyRecordAsync(),
                    "key updates" => server.UpdateKeysAsync(asksForOurs: false),
                    "key updates both ways" => server.UpdateKeysAsync(),
                    "warnings" => server.WarnAsync(),
                    "padding" => server.SendPaddedAsync([], 16_000),
                    _ => server.SendPaddedAsync([1], 16_000),
                });
            }

            await server.WriteAsync("b"u8.ToArray());
            await server.SendAlertAsync(AlertDescription.close_notify);
        }
        catch (SocketException)
        {
            // It has hung up.
        }

        return await retrieval;
    }

    private sealed class HostileClient
    {
        private Protocol? _protocol;

        public void ShakeHands(Socket socket)
        {
            var stream = new NetworkStream(socket);
            stream.Write("1\r\n"u8);
            _protocol = new Protocol(stream);
            _protocol.Accept(new RawPublicKeyTlsServer(GeneratedKeys.Ed25519.Parse(), TlsPriority.Default, 65536));
        }

        public void Send(string what)
        {
            try
            {
                _protocol!.Say(what);
            }
            catch (IOException)
            {
                // It has hung up.
            }
        }
    }

    private sealed class Protocol(Stream stream) : TlsServerProtocol(stream)
    {
        public void Say(string what)
        {
            switch (what)
            {
                case "empty records":
                    SafeWriteRecord(ContentType.application_data, [], 0, 0);
                    break;
                case "key updates":
                    Send13KeyUpdate(updateRequested: false);
                    break;
                case "warnings":
                    RaiseAlertWarning(AlertDescription.user_canceled, "test");
                    break;
                default:
                    SafeWriteRecord(0, [(byte)ContentType.application_data, .. new byte[15_999]], 0, 16_000);
                    break;
            }
        }
    }
}
