using System.Text;
using Mandos.Client.Plugins;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.Tests.Plugins;

/// <summary>On a real (pseudo) terminal.</summary>
public sealed class TerminalQuestionTests : IDisposable
{
    private readonly PseudoTerminal _terminal = new();
    private readonly Descriptor _screen;
    private readonly Descriptor _screenEnd;

    public TerminalQuestionTests() => Assert.True(Descriptor.Pipe(out _screen, out _screenEnd).Ok);

    public void Dispose()
    {
        _terminal.Dispose();
        _screen.Dispose();
        _screenEnd.Dispose();
    }

    [Theory]
    [InlineData("secret\n", "secret")]
    [InlineData("\n", "")]
    [InlineData("ab\u0004cd\n", "abcd")]
    [InlineData("ab\u0004\u0004", "ab")]
    [InlineData("slip\u0015right\n", "right")]
    [InlineData("å b\tc\n", "å b\tc")]
    [InlineData("\0\u0001\n", "\0\u0001")]
    public async Task The_answer_is_the_line_without_its_end(string keys, string expected)
    {
        var asking = Ask();
        await ReadAsync("Q: ");
        _terminal.Type(Encoding.UTF8.GetBytes(keys));
        Assert.Equal(expected, await asking);
        await ReadAsync("\n");
    }

    /// <summary>All programs share the console's open file, and any of them may set this flag.</summary>
    [Fact]
    public async Task A_terminal_that_another_program_made_non_blocking_is_waited_for()
    {
        Assert.True(new Descriptor(_terminal.Terminal).SetWaiting(false).Ok);
        var asking = Ask();
        await ReadAsync("Q: ");
        Assert.False(asking.IsCompleted);
        _terminal.Type("secret\n"u8);
        Assert.Equal("secret", await asking);
    }

    [Fact]
    public async Task A_long_answer_is_read_completely()
    {
        var asking = Ask();
        await ReadAsync("Q: ");
        var answer = new string('x', 4000);
        _terminal.Type(Encoding.UTF8.GetBytes(answer + "\n"));
        Assert.Equal(answer, await asking);
    }

    [Fact]
    public async Task The_question_is_asked_again_after_a_bare_end_of_file()
    {
        var asking = Ask();
        await ReadAsync("Q: ");
        _terminal.Type("\u0004"u8);
        await ReadAsync("\nQ: ");
        _terminal.Type("x\n"u8);
        Assert.Equal("x", await asking);
    }

    [Fact]
    public async Task Typed_characters_are_not_shown_and_the_terminal_is_restored_afterwards()
    {
        var before = _terminal.Settings();
        var asking = Ask();
        await ReadAsync("Q: ");
        Assert.False(_terminal.Echoes);
        _terminal.Type("x\ntoo much\n"u8);
        Assert.Equal("x", await asking);
        Assert.Equal(before, _terminal.Settings());
        Assert.False(DescriptorIo.WaitUntilReadable(_terminal.Terminal, 0), "input typed after the answer is discarded");
    }

    [Fact]
    public async Task A_hangup_of_the_terminal_is_an_error_and_ends_the_question()
    {
        var question = new TerminalQuestion(_terminal.Terminal, _screenEnd.Number);
        var asking = Task.Run(() => question.Ask("Q: ", out _), TestContext.Current.CancellationToken);
        await ReadAsync("Q: ");
        _terminal.HangUp();
        Assert.Null(await asking);
        Assert.Equal(TerminalFailure.NoInput, question.Failure);
    }

    [Fact]
    public void A_terminal_that_hung_up_before_the_question_is_an_error()
    {
        _terminal.HangUp();
        var question = new TerminalQuestion(_terminal.Terminal, _screenEnd.Number);
        Assert.Null(question.Ask("Q: ", out var error));
        Assert.NotEqual(TerminalFailure.None, question.Failure);
        Assert.False(error.Ok);
    }

    [Fact]
    public void A_descriptor_that_is_not_a_terminal_is_not_asked()
    {
        var question = new TerminalQuestion(_screen.Number, _screenEnd.Number);
        Assert.Null(question.Ask("Q: ", out var error));
        Assert.Equal(TerminalFailure.NoTerminal, question.Failure);
        Assert.Equal(Errno.NotATerminal, error.Code);
        Assert.False(DescriptorIo.WaitUntilReadable(_screen.Number, 0), "the question was shown");
    }

    private Task<string?> Ask() => Task.Run(
        () =>
        {
            using var answer = new TerminalQuestion(_terminal.Terminal, _screenEnd.Number).Ask("Q: ", out _);
            return answer is null ? null : Encoding.UTF8.GetString(answer.Span);
        }, TestContext.Current.CancellationToken);

    /// <summary>Waits for exactly this on the screen.</summary>
    private Task ReadAsync(string text) => Task.Run(
        () =>
        {
            var bytes = new byte[text.Length];
            for (var read = 0; read < bytes.Length;)
            {
                Assert.True(DescriptorIo.WaitUntilReadable(_screen.Number, 60_000), $"the screen does not show '{text}'");
                Assert.True(DescriptorIo.Read(_screen.Number, bytes.AsSpan(read), out var count).Ok);
                read += count;
            }

            Assert.Equal(text, Encoding.UTF8.GetString(bytes));
        }, TestContext.Current.CancellationToken);
}
