using System.Text;
using CsCheck;
using Mandos.Monitor.Keyboard;

namespace Mandos.Monitor.Tests;

public sealed class KeyReaderTests
{
    private const string E = "\u001b";

    public static TheoryData<string, string> Sequences => new()
    {
        { "q", "Character q" },
        { "漢", "Character 漢" },
        { "\u000b", "Control K" },
        { "\r", "Enter" },
        { "\t", "Tab" },
        { "\u007f", "Backspace" },
        { $"{E}v", "Meta v" },
        { $"{E}[A", "Up" },
        { $"{E}OB", "Down" },
        { $"{E}[5~", "PageUp" },
        { $"{E}[6~", "PageDown" },
        { $"{E}[H", "Home" },
        { $"{E}[1~", "Home" },
        { $"{E}[7~", "Home" },
        { $"{E}OF", "End" },
        { $"{E}[4~", "End" },
        { $"{E}OP", "Help" },
        { $"{E}[11~", "Help" },
        { $"{E}[[A", "Help" },
        { $"{E}[<0;7;4M", "Click 3" },
        { $"{E}[<64;7;4M", "WheelUp" },
        { $"{E}[<65;7;4M", "WheelDown" },
        { $"{E}[<0;7;4m", "Other" },
        { $"{E}[200~", "Other" },
    };

    [Theory, MemberData(nameof(Sequences))]
    public void What_terminals_send_is_understood_in_one_piece_and_byte_by_byte(string sent, string key)
    {
        var bytes = Encoding.UTF8.GetBytes(sent);
        Assert.Equal([key], new KeyReader().Take(bytes).Select(Describe));
        var reader = new KeyReader();
        Assert.Equal([key], bytes.SelectMany(one => reader.Take([one])).Select(Describe));
        Assert.False(reader.IsIncomplete);
    }

    [Fact]
    public void A_lone_escape_is_a_key_after_a_pause()
    {
        var reader = new KeyReader();
        Assert.Empty(reader.Take("\u001b"u8));
        Assert.True(reader.IsIncomplete);
        Assert.Equal(["Escape"], reader.Flush().Select(Describe));
        var keys = reader.Take("\u001b\u001b"u8).Concat(reader.Flush()).Concat(reader.Take("q"u8));
        Assert.Equal(["Escape", "Escape", "Character q"], keys.Select(Describe));
    }

    [Fact]
    public void Any_bytes_are_read_with_bounded_memory() => Gen.Byte.Array[0, 20].Array[0, 50].Sample(pieces =>
    {
        var reader = new KeyReader();
        foreach (var piece in pieces)
            Assert.InRange(reader.Take(piece).Count, 0, 60);
        _ = reader.Flush();
        Assert.False(reader.IsIncomplete && reader.Flush().Count > 40);
    });

    private static string Describe(Key key) => key.Kind switch
    {
        KeyKind.Character or KeyKind.Control or KeyKind.Meta => $"{key.Kind} {key.Character}",
        KeyKind.Click => FormattableString.Invariant($"Click {key.Row}"),
        _ => key.Kind.ToString(),
    };
}
