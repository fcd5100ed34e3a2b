using System.Text;
using CsCheck;
using Mandos.Client.Plugins;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Client.Tests.Plugins;

/// <summary>Against a stand-in that sends the replies byte by byte; the real plymouthd is in the interop tests.</summary>
public sealed class PlymouthConnectionTests
{
    private static readonly byte[] Yes = [6];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_is_sent_to_plymouth_as_its_own_client_sends_it()
    {
        await using var daemon = new StandInDaemon(request => request[0] == '*' ? Answer("sécret"u8) : Yes);
        Assert.Equal("sécret", await AskAsync(daemon, "Unlock\nnow"));
        Assert.Equal(["P", "A", "*:Unlock\nnow", "a"], daemon.Requests);
    }

    [Fact]
    public async Task An_empty_answer_is_a_password()
    {
        await using var daemon = new StandInDaemon(request => request[0] == '*' ? Answer([]) : Yes);
        Assert.Equal("", await AskAsync(daemon, "Q"));
    }

    [Fact]
    public async Task A_question_that_is_dismissed_at_the_keyboard_is_asked_again()
    {
        var answers = new Queue<byte[]>([Answer([3]), Answer([3]), Answer("x"u8)]);
        await using var daemon = new StandInDaemon(request => request[0] == '*' ? answers.Dequeue() : Yes);
        Assert.Equal("x", await AskAsync(daemon, "Q"));
        Assert.Equal(3, daemon.Requests.Count(request => request == "*:Q"));
    }

    [Theory]
    [InlineData(new byte[] { 5 })]
    [InlineData(new byte[] { 0x15 })]
    [InlineData(new byte[] { 6 })]
    [InlineData(new byte[] { 2, 1, 0, 1, 0 })]
    [InlineData(new byte[] { 2, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(null)]
    public async Task Negative_and_invalid_replies_give_no_password(byte[]? reply)
    {
        await using var daemon = new StandInDaemon(request => request[0] == '*' ? reply : Yes);
        Assert.Null(await AskAsync(daemon, "Q"));
    }

    [Fact]
    public async Task A_daemon_that_exits_in_the_middle_of_an_answer_gives_no_answer()
    {
        // Five bytes are announced, three come.
        await using var daemon = new StandInDaemon(
            request => request[0] == '*' ? [2, 5, 0, 0, 0, (byte)'a', (byte)'b', (byte)'c'] : Yes)
        { EndsAfterAnswer = true };
        Assert.Null(await AskAsync(daemon, "Q"));
    }

    [Fact]
    public async Task A_daemon_that_serves_only_root_is_not_used()
    {
        await using var daemon = new StandInDaemon(_ => [0x15]);
        Assert.Null(await PlymouthConnection.TryOpenAsync(daemon.Address, TimeProvider.System, Token));
    }

    [Fact]
    public async Task A_daemon_that_does_not_respond_is_abandoned_after_a_time_limit()
    {
        var time = new FakeTimeProvider();
        await using var daemon = new StandInDaemon(_ => []);
        var opening = PlymouthConnection.TryOpenAsync(daemon.Address, time, Token);
        while (daemon.Requests.Count == 0)
            await Task.Delay(5, Token);
        Assert.False(opening.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await opening);
    }

    [Fact]
    public async Task Without_a_listener_there_is_no_connection_to_plymouthd() =>
        Assert.Null(
            await PlymouthConnection.TryOpenAsync(
                new System.Net.Sockets.UnixDomainSocketEndPoint("\0mandos-test-missing"), TimeProvider.System, Token));

    [Fact]
    public async Task Waiting_for_an_answer_can_be_cancelled()
    {
        using var stop = new CancellationTokenSource();
        await using var daemon = new StandInDaemon(request => request[0] == '*' ? [] : Yes);
        using var connection = await PlymouthConnection.TryOpenAsync(daemon.Address, TimeProvider.System, Token);
        var asking = connection!.AskAsync("Q", stop.Token);
        while (!daemon.Requests.Contains("*:Q"))
            await Task.Delay(5, Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public void A_request_fits_the_length_limit_and_is_truncated_only_between_characters() => Gen.String[0, 400].Sample(prompt =>
    {
        var request = PlymouthConnection.Encode('*', prompt);
        Assert.InRange(request.Length, 4, 3 + 255);
        Assert.Equal(request.Length - 3, request[2]);
        Assert.Equal(0, request[^1]);
        var whole = Encoding.UTF8.GetBytes(prompt);
        var sent = request.AsSpan(3, request.Length - 4);
        Assert.True(whole.AsSpan().StartsWith(sent));
        if (sent.Length < whole.Length)
        {
            Assert.InRange(sent.Length, 251, 254);
            Assert.NotEqual(0x80, whole[sent.Length] & 0xC0);
        }
    });

    private static async Task<string?> AskAsync(StandInDaemon daemon, string prompt)
    {
        using var connection = await PlymouthConnection.TryOpenAsync(daemon.Address, TimeProvider.System, Token);
        Assert.NotNull(connection);
        using var answer = await connection.AskAsync(prompt, Token);
        return answer is null ? null : Encoding.UTF8.GetString(answer.Span);
    }

    private static byte[] Answer(ReadOnlySpan<byte> text) => [2, .. BitConverter.GetBytes(text.Length), .. text];
}
