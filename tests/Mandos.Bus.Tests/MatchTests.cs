using Mandos.Bus.Connections;
using Mandos.Bus.Messages;

namespace Mandos.Bus.Tests;

/// <summary>Which signals a match takes, as the bus and the connection decide it together.</summary>
public sealed class MatchTests : BusTest
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    /// <summary>Each differs from the first in one thing.</summary>
    private static readonly BusSignal[] Signals =
    [
        Signal("/a", "test.Interface", "Changed", "one"),
        Signal("/b", "test.Interface", "Changed", "one"),
        Signal("/a", "test.Other", "Changed", "one"),
        Signal("/a", "test.Interface", "Removed", "one"),
        Signal("/a", "test.Interface", "Changed", "two"),
        new("/a", "test.Interface", "Changed", w => w.WriteInt32(1)),
        new("/a", "test.Interface", "Changed"),
    ];

    public static TheoryData<string?, string?, string?, string?, int[]> Matches => new()
    {
        { null, null, null, null, [0, 1, 2, 3, 4, 5, 6] },
        { "/a", null, null, null, [0, 2, 3, 4, 5, 6] },
        { null, "test.Interface", null, null, [0, 1, 3, 4, 5, 6] },
        { null, null, "Changed", null, [0, 1, 2, 4, 5, 6] },
        { null, null, null, "one", [0, 1, 2, 3] },
        { null, null, null, "two", [4] },
        { "/a", "test.Interface", "Changed", "one", [0] },
        { "/c", null, null, null, [] },
    };

    [Theory, MemberData(nameof(Matches))]
    public async Task A_match_receives_the_signals_that_match_all_its_fields(
        string? path, string? @interface, string? member, string? first, int[] expected)
    {
        var sender = await ConnectAsync();
        var listener = await ConnectAsync();
        var got = new List<string>();
        var match =
            new BusMatch { Sender = sender.UniqueName, Path = path, Interface = @interface, Member = member, FirstArgument = first };
        await using var matching = await listener.MatchAsync(
            match, (signal, r) => got.Add(Text(signal.Path, signal.Interface, signal.Member, r)), Token);
        await SendAllAsync(sender, listener, Signals);
        Assert.Equal(
            expected.Select(i => Describe(Signals[i], i)), got.Where(signal => !signal.StartsWith("/end", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_disposed_match_receives_nothing()
    {
        var sender = await ConnectAsync();
        var listener = await ConnectAsync();
        var (first, second) = (0, 0);
        var matching = await listener.MatchAsync(new() { Member = "Changed" }, (_, _) => first++, Token);
        await using var other = await listener.MatchAsync(new() { Member = "Changed" }, (_, _) => second++, Token);
        await SendAllAsync(sender, listener, [Signals[0]]);
        await matching.DisposeAsync();
        await SendAllAsync(sender, listener, [Signals[0]]);
        Assert.Equal((1, 2), (first, second));
    }

    [Fact]
    public async Task Two_matching_rules_both_receive_the_whole_signal()
    {
        var sender = await ConnectAsync();
        var listener = await ConnectAsync();
        var got = new List<string>();
        await using var one = await listener.MatchAsync(new() { Member = "Changed" }, (_, r) => got.Add($"one {r.ReadString()}"), Token);
        await using var two = await listener.MatchAsync(new() { Path = "/a" }, (_, r) => got.Add($"two {r.ReadString()}"), Token);
        await SendAllAsync(sender, listener, [Signals[0]]);
        Assert.Equal(["one one", "two one"], got);
    }

    [Fact]
    public async Task A_signal_whose_arguments_do_not_match_its_handler_is_ignored()
    {
        var sender = await ConnectAsync();
        var listener = await ConnectAsync();
        var got = new List<string>();
        await using var matching = await listener.MatchAsync(new() { Member = "Changed" }, (_, r) => got.Add(r.ReadString()), Token);
        await SendAllAsync(sender, listener, [Signals[5], Signals[6], Signals[4]]);
        Assert.Equal(["two"], got);
    }

    [Theory]
    [InlineData("it's")]
    [InlineData("'")]
    [InlineData("a,b='c'")]
    [InlineData(@"back\slash")]
    [InlineData("")]
    public async Task A_match_on_the_first_argument_accepts_any_text(string text)
    {
        var sender = await ConnectAsync();
        var listener = await ConnectAsync();
        var got = 0;
        await using var matching = await listener.MatchAsync(new() { FirstArgument = text }, (_, _) => got++, Token);
        await SendAllAsync(sender, listener, [Signal("/a", "test.Interface", "Changed", text), Signals[0]]);
        Assert.Equal(1, got);
    }

    [Fact]
    public async Task A_match_rule_that_the_bus_refuses_is_an_error_and_the_connection_stays_usable()
    {
        var listener = await ConnectAsync();
        var error = await Assert.ThrowsAsync<BusException>(
            () => listener.MatchAsync(new() { Interface = "not an interface" }, (_, _) => { }, Token));
        Assert.Equal("org.freedesktop.DBus.Error.MatchRuleInvalid", error.Name);
        await using var matching = await listener.MatchAsync(new() { Member = "Changed" }, (_, _) => { }, Token);
    }

    private static BusSignal Signal(string path, string @interface, string member, string text) =>
        new(path, @interface, member, w => w.WriteString(text));

    private static string Text(string path, string @interface, string member, BusReader r) =>
        $"{path} {@interface} {member} {(r.NextType == 's' ? r.ReadString() : r.NextType == 'i' ? $"{r.ReadInt32()}" : "")}";

    private static string Describe(BusSignal signal, int i) =>
        $"{signal.Path} {signal.Interface} {signal.Member} {i switch { 4 => "two", 5 => "1", 6 => "", _ => "one" }}";

    /// <summary>Sends them, and returns when the listener has seen all.</summary>
    private static async Task SendAllAsync(BusConnection sender, BusConnection listener, BusSignal[] signals)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var end = await listener.MatchAsync(new() { Member = "End" }, (_, _) => seen.TrySetResult(), Token);
        await sender.SendAsync([.. signals, new("/end", "test.End", "End")]);
        await seen.Task.WaitAsync(Long, Token);
    }
}
