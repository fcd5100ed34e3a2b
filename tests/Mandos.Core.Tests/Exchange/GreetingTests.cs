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
    public async Task A_first_word_that_is_an_integer_up_to_1_starts_the_handshake(string line)
    {
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Client.SendAsync(Encoding.UTF8.GetBytes(line), Ends.Ct);
        await AssertClientHelloAsync(pair);
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
    public async Task A_lone_carriage_return_ends_the_line_once_another_byte_is_there()
    {
        using var pair = await LoopbackPair.OpenAsync();
        await pair.Client.SendAsync("1\rx"u8.ToArray(), Ends.Ct);
        await AssertClientHelloAsync(pair);
    }

    [Fact]
    public async Task A_line_that_comes_byte_by_byte_is_read()
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
    public async Task A_later_version_is_turned_away_without_a_TLS_byte(string line) =>
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
    public async Task A_line_that_begins_with_no_integer_is_turned_away(string line) =>
        await AssertTurnedAwayAsync(Encoding.ASCII.GetBytes(line), AcceptanceOutcome.NoGreeting);

    [Fact]
    public async Task A_line_that_is_no_UTF_8_is_turned_away() =>
        await AssertTurnedAwayAsync([(byte)'1', (byte)' ', 0xFF, (byte)'\n'], AcceptanceOutcome.NoGreeting);

    [Fact]
    public async Task A_line_without_an_end_is_turned_away_early() =>
        await AssertTurnedAwayAsync(Encoding.ASCII.GetBytes("1" + new string(' ', 100)), AcceptanceOutcome.NoGreeting);

    [Fact]
    public async Task A_connection_that_closes_at_once_is_no_greeting()
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
    public async Task Silence_is_given_up_after_the_limit(string start)
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
    public async Task A_caller_that_cancels_gets_its_exception()
    {
        using var pair = await LoopbackPair.OpenAsync();
        using var cancel = new CancellationTokenSource();
        var acceptance = Ends.AcceptAsync(pair.Server, ct: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acceptance);
    }

    [Fact]
    public async Task What_is_no_TLS_behind_the_line_fails_the_handshake()
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
    public void Integers_are_judged_by_their_value() =>
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
