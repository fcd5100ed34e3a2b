using Mandos.Bus.Messages;

namespace Mandos.Bus.Tests;

/// <summary>A message that cannot be is an error of the caller that makes it, and nothing to the connection.</summary>
public sealed class WriterTests : BusTest
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, BusBody> Impossible = new()
    {
        ["a path without a slash"] = w => w.WriteObjectPath("path"),
        ["a path with an empty element"] = w => w.WriteObjectPath("/a//b"),
        ["an empty path"] = w => w.WriteObjectPath(""),
        ["a signature of no type"] = w => w.WriteSignature("z"),
        ["a signature that ends early"] = w => w.WriteSignature("a{s"),
        ["an array of no type"] = w => w.OpenArray("z"),
        ["an array of two types"] = w => w.OpenArray("ss"),
        ["an entry outside of an array"] = w => w.OpenEntry("sv"),
        ["a variant of two values"] = w =>
        {
            w.OpenVariant("s");
            w.WriteString("a");
            w.WriteString("b");
            w.Close();
        },
        ["an element of another type"] = w =>
        {
            w.OpenArray("s");
            w.WriteInt32(1);
        },
        ["a structure that lacks a member"] = w =>
        {
            w.OpenStructure("si");
            w.WriteString("a");
            w.Close();
        },
        ["a container that is not closed"] = w =>
        {
            w.OpenArray("s");
            w.WriteString("a");
        },
        ["a container that was not opened"] = w => w.Close(),
    };

    public static TheoryData<string> Kinds => [.. Impossible.Keys];

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_invalid_call_fails_in_the_caller_and_the_connection_stays_usable(string kind)
    {
        var server = await ConnectAsync((call, _) => call.Reply());
        var client = await ConnectAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.CallAsync(To(server), Impossible[kind], Long, Token));
        await client.CallAsync(To(server), null, Long, Token);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_invalid_reply_is_an_error_for_its_caller(string kind)
    {
        var server = await ConnectAsync((call, _) => call.Reply(call.Member == "Impossible" ? Impossible[kind] : null));
        var client = await ConnectAsync();
        var error = await Assert.ThrowsAsync<BusException>(() => client.CallAsync(To(server, "Impossible"), null, Long, Token));
        Assert.Equal(BusErrors.Failed, error.Name);
        await client.CallAsync(To(server), null, Long, Token);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_invalid_signal_fails_at_its_sender_and_the_next_one_arrives(string kind)
    {
        var sender = await ConnectAsync();
        var listener = await ConnectAsync();
        var got = new List<string>();
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var matching = await listener.MatchAsync(
            new() { Interface = "test.Interface" },
            (signal, _) =>
            {
                got.Add(signal.Member);
                if (signal.Member == "Last")
                    last.TrySetResult();
            },
            Token);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => sender.SendAsync([new("/", "test.Interface", "Impossible", Impossible[kind])]));
        await sender.SendAsync([new("/", "test.Interface", "Last")]);
        await last.Task.WaitAsync(Long, Token);
        Assert.Equal(["Last"], got);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(100_000)]
    public async Task A_text_of_any_length_arrives_whole(int length)
    {
        var server = await ConnectAsync((call, r) =>
        {
            var text = r.ReadString();
            call.Reply(w => w.WriteString(text));
        });
        var client = await ConnectAsync();
        var text = string.Concat(Enumerable.Repeat("ä", length));
        Assert.Equal(text, await client.CallAsync(To(server), w => w.WriteString(text), static r => r.ReadString(), Long, Token));
    }
}
