using System.Net.Sockets;
using System.Text;
using CsCheck;
using Mandos.Core.Exchange;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Core.Tests.Exchange;

/// <summary>What a Mandos server does with the first line, row by row as the original was seen to do it.</summary>
public sealed class GreetingTests
{
    [Theory]
    [InlineData("1\r\n")]
    [InlineData("1\n")]
    [InlineData("1 foo bar\r\n")]
    [InlineData("  1\r\n")]
    [InlineData("\t1\t\n")]
    [InlineData("01\r\n")]
    [InlineData("+1\r\n")]
    [InlineData("0\r\n")]
    [InlineData("-7\r\n")]
    [InlineData("-99999999999999999999999999\r\n")]
    [InlineData("0_1\r\n")]
    [InlineData("1 \u00e5\r\n")]
    public async Task A_greeting_that_starts_with_an_integer_up_to_1_starts_the_handshake(string line)
    {
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Client.SendAsync(Encoding.UTF8.GetBytes(line), Ends.Ct);
        await AssertClientHelloAsync(pair);
    }

    [Theory]
    [InlineData("1 rehearsal\r\n", true)]
    [InlineData(" 1\t rehearsal later words\n", true)]
    [InlineData("0 rehearsal\n", true)]
    [InlineData("1 rehearsals\n", false)]
    [InlineData("1 Rehearsal\n", false)]
    [InlineData("1 a rehearsal\n", false)]
    [InlineData("1 \n", false)]
    public async Task The_second_word_announces_a_rehearsal(string line, bool isRehearsal)
    {
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Client.SendAsync(Encoding.UTF8.GetBytes(line), Ends.Ct);
        var reader = new GreetingReader(pair.Server);
        Assert.Null(await reader.ReadAsync(TimeSpan.FromMinutes(1), TimeProvider.System, Ends.Ct));
        Assert.Equal(isRehearsal, reader.IsRehearsal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_announces_a_rehearsal_only_when_it_is_one(bool rehearsal)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var retrieval = Ends.RetrieveAsync(pair.Client, rehearsal: rehearsal);
        using var acceptance = await Ends.AcceptAsync(pair.Server);
        Assert.Equal(rehearsal, acceptance.Session!.IsRehearsal);
        Assert.Equal(DeliveryOutcome.Confirmed, await acceptance.Session.DeliverAsync("secret"u8.ToArray(), Ends.Ct));
        using var result = await retrieval;
        Assert.Equal("secret"u8.ToArray(), result.Secret!.Span.ToArray());
    }

    [Fact]
    public async Task The_end_of_the_stream_ends_the_line()
    {
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Client.SendAsync("1"u8.ToArray(), Ends.Ct);
        pair.Client.Shutdown(SocketShutdown.Send);
        await AssertClientHelloAsync(pair);
    }

    [Fact]
    public async Task A_lone_carriage_return_ends_the_line_when_another_byte_follows()
    {
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Client.SendAsync("1\rx"u8.ToArray(), Ends.Ct);
        await AssertClientHelloAsync(pair);
    }

    [Fact]
    public async Task A_greeting_that_arrives_byte_by_byte_is_read()
    {
        using var pair = await LoopbackPair.OpenAsync();
        var acceptance = Ends.AcceptAsync(pair.Server);
        foreach (var c in "1\r\n"u8.ToArray())
            await pair.Client.SendAsync(new[] { c }, Ends.Ct);
        Assert.Equal(0x16, await FirstByteAsync(pair.Client));
        pair.Client.Close();
        (await acceptance).Dispose();
    }

    [Theory]
    [InlineData("2\r\n")]
    [InlineData("10\r\n")]
    [InlineData("1_0\r\n")]
    [InlineData("99999999999999999999999999\r\n")]
    public async Task A_later_protocol_version_is_refused_without_a_TLS_byte(string line) =>
        await AssertTurnedAwayAsync(Encoding.ASCII.GetBytes(line), AcceptanceOutcome.UnsupportedVersion);

    [Theory]
    [InlineData("1.0\r\n")]
    [InlineData("abc\r\n")]
    [InlineData("1_\r\n")]
    [InlineData("_1\r\n")]
    [InlineData("1__0\r\n")]
    [InlineData("+\r\n")]
    [InlineData("-\r\n")]
    [InlineData("+-1\r\n")]
    [InlineData("\r\n")]
    [InlineData("   \r\n")]
    [InlineData("0x1\r\n")]
    public async Task A_greeting_that_does_not_start_with_an_integer_is_refused(string line) =>
        await AssertTurnedAwayAsync(Encoding.ASCII.GetBytes(line), AcceptanceOutcome.NoGreeting);

    [Fact]
    public async Task A_greeting_that_is_not_UTF_8_is_refused() =>
        await AssertTurnedAwayAsync([(byte)'1', (byte)' ', 0xFF, (byte)'\n'], AcceptanceOutcome.NoGreeting);

    [Fact]
    public async Task An_endless_greeting_is_refused_early() =>
        await AssertTurnedAwayAsync(Encoding.ASCII.GetBytes("1" + new string(' ', 100)), AcceptanceOutcome.NoGreeting);

    [Fact]
    public async Task A_connection_that_is_closed_at_once_counts_as_no_greeting()
    {
        using var pair = await LoopbackPair.OpenAsync();
        pair.Client.Close();
        using var acceptance = await Ends.AcceptAsync(pair.Server);
        Assert.Equal(AcceptanceOutcome.NoGreeting, acceptance.Outcome);
        Assert.Equal("the peer closed the connection without a greeting", acceptance.Detail);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1\r")]
    public async Task A_silent_peer_is_given_up_after_the_time_limit(string start)
    {
        using var pair = await LoopbackPair.OpenAsync();
        var time = new FakeTimeProvider();
        await pair.Client.SendAsync(Encoding.ASCII.GetBytes(start), Ends.Ct);
        var acceptance = Ends.AcceptAsync(pair.Server, limits: new() { Greeting = TimeSpan.FromSeconds(7) }, time: time);
        time.Advance(TimeSpan.FromSeconds(6.9));
        await Task.Delay(50, Ends.Ct);
        Assert.False(acceptance.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        using var result = await acceptance;
        Assert.Equal(AcceptanceOutcome.TimedOut, result.Outcome);
        Assert.Equal("no greeting within 7 s", result.Detail);
    }

    [Fact]
    public async Task A_cancelled_acceptance_throws_OperationCanceledException()
    {
        using var pair = await LoopbackPair.OpenAsync();
        using var cancel = new CancellationTokenSource();
        var acceptance = Ends.AcceptAsync(pair.Server, ct: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acceptance);
    }

    [Fact]
    public async Task Data_other_than_TLS_after_the_greeting_fails_the_handshake()
    {
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Client.SendAsync("1\nGET / HTTP/1.1"u8.ToArray(), Ends.Ct);
        using var acceptance = await Ends.AcceptAsync(pair.Server);
        Assert.Equal(AcceptanceOutcome.HandshakeFailed, acceptance.Outcome);
        Assert.Equal("the peer's data is not TLS", acceptance.Detail);
    }

    [Fact]
    public void Any_line_is_judged_without_an_exception() =>
        Gen.Byte.Array[0, 80].Sample(line => Enum.IsDefined(GreetingLine.Judge(line)));

    [Fact]
    public void Version_numbers_are_compared_by_value() =>
        Gen.Long.Sample(number => GreetingLine.Judge(Encoding.ASCII.GetBytes($"{number}"))
            == (number <= 1 ? GreetingVerdict.Accepted : GreetingVerdict.NewerVersion));

    private static async Task AssertClientHelloAsync(LoopbackPair pair)
    {
        var acceptance = Ends.AcceptAsync(pair.Server);
        Assert.Equal(0x16, await FirstByteAsync(pair.Client));
        pair.Client.Close();
        using var result = await acceptance;
        Assert.NotEqual(AcceptanceOutcome.NoGreeting, result.Outcome);
    }

    private static async Task AssertTurnedAwayAsync(byte[] line, AcceptanceOutcome outcome)
    {
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Client.SendAsync(line, Ends.Ct);
        using (var acceptance = await Ends.AcceptAsync(pair.Server))
            Assert.Equal(outcome, acceptance.Outcome);
        Assert.Equal(0, pair.Client.Available);
    }

    private static async Task<int> FirstByteAsync(Socket socket)
    {
        var buffer = new byte[1];
        return await socket.ReceiveAsync(buffer, Ends.Ct) == 0 ? -1 : buffer[0];
    }
}
