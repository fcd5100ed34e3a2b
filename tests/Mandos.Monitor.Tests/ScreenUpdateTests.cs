using CsCheck;
using Mandos.Monitor.Drawing;

namespace Mandos.Monitor.Tests;

public sealed class ScreenUpdateTests
{
    private static readonly TerminalFeatures Colors = new(HasColors: true, IsUtf8: true, HasMouse: false, HasAlternateScreen: false);

    private static readonly Gen<(int Row, int Column, string Text, Tone Tone, bool Reverse)> Piece = Gen.Select(
        Gen.Int[0, 5], Gen.Int[0, 19], Gen.Char["ab 漢é\u0301─"].Array[0, 24].Select(c => new string(c)), Gen.Enum<Tone>(), Gen.Bool);

    [Fact]
    public void The_terminal_shows_what_was_drawn_after_any_sequence_of_changes() =>
        Piece.Array[0, 8].Array[1, 8].Sample(pictures =>
        {
            var update = new ScreenUpdate(Colors);
            var screen = new VirtualScreen(20, 6);
            foreach (var pieces in pictures)
            {
                var canvas = new Canvas(20, 6, isUtf8: true);
                foreach (var (row, column, text, tone, reverse) in pieces)
                    canvas.Put(row, column, text, new(tone, Reverse: reverse));
                screen.Send(update.To(canvas));
                for (var row = 0; row < 6; row++)
                    Assert.Equal(canvas.Text(row), screen.Text(row));
                for (var column = 0; column < 19; column++)
                    Assert.Equal(canvas[0, column].Style.Sequence(hasColors: true)[2..^1], screen.Style(0, column));
            }
        });

    [Fact]
    public void A_countdown_costs_a_few_bytes()
    {
        var update = new ScreenUpdate(Colors);
        var first = new Canvas(80, 24, isUtf8: true);
        first.Put(3, 0, "web1: disabled in 0:04:59");
        update.To(first);
        var second = new Canvas(80, 24, isUtf8: true);
        second.Put(3, 0, "web1: disabled in 0:04:58");
        Assert.Equal("\u001b[4;25H8", update.To(second));
        Assert.Equal("", update.To(second));
    }

    [Fact]
    public void Text_that_disappears_is_cleared_to_the_end_of_the_line()
    {
        var update = new ScreenUpdate(Colors);
        var first = new Canvas(80, 24, isUtf8: true);
        first.Put(3, 0, "web1: a very long state that is not there any more");
        update.To(first);
        var second = new Canvas(80, 24, isUtf8: true);
        second.Put(3, 0, "web1: a");
        Assert.Equal("\u001b[4;9H\u001b[K", update.To(second));
    }

    [Fact]
    public void Without_colours_only_bold_and_reverse_are_sent()
    {
        var canvas = new Canvas(10, 2, isUtf8: true);
        canvas.Put(0, 0, "a", new(Tone.Error, Bold: true));
        var sent = new ScreenUpdate(Colors with { HasColors = false }).To(canvas);
        Assert.Contains("\u001b[0;1ma", sent, StringComparison.Ordinal);
        Assert.DoesNotContain(";3", sent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_without_UTF_8_gets_ASCII_alone()
    {
        var canvas = new Canvas(20, 2, isUtf8: false);
        canvas.Put(0, 0, $"w漢e\u0301b {canvas.Line}");
        Assert.Equal("w?e?b -", canvas.Text(0));
        Assert.All(new ScreenUpdate(Colors).To(canvas), c => Assert.True(c < 0x80));
    }

    [Fact]
    public void A_name_cannot_send_control_sequences()
    {
        var canvas = new Canvas(40, 2, isUtf8: true);
        canvas.Put(0, 0, "\u001b[2J\n\u202eweb");
        Assert.Equal(@"\u001b[2J\n\u202eweb", canvas.Text(0));
    }

    [Theory]
    [InlineData("漢漢漢", 4, "漢漢")]
    [InlineData("漢漢漢", 5, "漢漢")]
    [InlineData("abc", 2, "ab")]
    public void A_row_is_cut_off_between_characters(string text, int columns, string shown)
    {
        var canvas = new Canvas(columns, 2, isUtf8: true);
        canvas.Put(0, 0, text);
        Assert.Equal(shown, canvas.Text(0));
    }

    [Theory]
    [InlineData("xterm-256color", null, "en_US.UTF-8", true, true, true)]
    [InlineData("tmux-256color", "1", "C.UTF-8", false, true, true)]
    [InlineData("linux", null, "C.UTF-8", true, true, false)]
    [InlineData("vt100", null, "C", false, false, false)]
    [InlineData("vt220", null, null, false, false, false)]
    public void The_environment_says_what_a_terminal_can_do(
        string term, string? noColor, string? language, bool hasColors, bool isUtf8, bool likeXterm) =>
        Assert.Equal(
            new(hasColors, isUtf8, likeXterm, likeXterm),
            TerminalFeatures.Of(name => name switch { "TERM" => term, "NO_COLOR" => noColor, "LANG" => language, _ => null }));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dumb")]
    public void A_terminal_that_cannot_position_the_cursor_is_of_no_use(string? term) =>
        Assert.Null(TerminalFeatures.Of(name => name == "TERM" ? term : null));
}
