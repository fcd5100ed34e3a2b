using System.Text.Unicode;

namespace Mandos.Core.Exchange;

/// <summary>The verdict on the first line of a connection.</summary>
internal enum GreetingVerdict
{
    /// <summary>Protocol version 1, or any integer below it.</summary>
    Accepted,

    /// <summary>As <see cref="Accepted"/>; the client only tests whether it gets its secret.</summary>
    Rehearsal,

    /// <summary>A later version of the protocol.</summary>
    NewerVersion,

    /// <summary>Not a greeting.</summary>
    Nonsense,
}

/// <summary>
/// The line with which a client opens the exchange: its first word is an integer, the protocol version, and must be at most 1. A second
/// word <c>rehearsal</c> announces a test; upstream's server ignores it, as it ignores everything behind the first word.
/// </summary>
internal static class GreetingLine
{
    /// <summary>The longest line that is read, without its end. Upstream has no limit; real clients send "1".</summary>
    internal const int MaximumLength = 64;

    /// <summary>
    /// Finds the first line: it ends with LF, CR LF, or a CR before anything else (Python's universal newlines, which upstream uses). False
    /// if more bytes are needed.
    /// </summary>
    internal static bool TryFind(ReadOnlySpan<byte> bytes, out int lineLength, out int totalLength)
    {
        lineLength = bytes.IndexOfAny((byte)'\n', (byte)'\r');
        totalLength = lineLength + 1;
        if (lineLength < 0)
            return false;
        if (bytes[lineLength] == '\n')
            return true;
        // After a CR, only the next byte shows whether it belongs to the line end.
        if (bytes.Length == totalLength)
            return false;
        if (bytes[totalLength] == '\n')
            totalLength++;
        return true;
    }

    /// <summary>Evaluates a line without its end.</summary>
    internal static GreetingVerdict Judge(ReadOnlySpan<byte> line)
    {
        if (line.Length > MaximumLength || !Utf8.IsValid(line))
            return GreetingVerdict.Nonsense;
        var word = TakeWord(ref line);
        var negative = !word.IsEmpty && word[0] == '-';
        if (negative || (!word.IsEmpty && word[0] == '+'))
            word = word[1..];
        if (!IsNumber(word))
            return GreetingVerdict.Nonsense;
        var digits = word.TrimStart("0_"u8);
        if (!negative && !digits.IsEmpty && !digits.SequenceEqual("1"u8))
            return GreetingVerdict.NewerVersion;
        return TakeWord(ref line).SequenceEqual("rehearsal"u8) ? GreetingVerdict.Rehearsal : GreetingVerdict.Accepted;
    }

    /// <summary>Takes the next word, which is empty at the end, from the beginning of a line.</summary>
    private static ReadOnlySpan<byte> TakeWord(ref ReadOnlySpan<byte> line)
    {
        var spaces = " \t\v\f\x1c\x1d\x1e\x1f"u8;
        line = line.TrimStart(spaces);
        var end = line.IndexOfAny(spaces);
        var word = end < 0 ? line : line[..end];
        line = line[word.Length..];
        return word;
    }

    /// <summary>Whether a word consists of decimal digits with single underscores between them, as Python's int() accepts.</summary>
    private static bool IsNumber(ReadOnlySpan<byte> word)
    {
        var afterDigit = false;
        foreach (var c in word)
        {
            var digit = char.IsAsciiDigit((char)c);
            if (!digit && (c != '_' || !afterDigit))
                return false;
            afterDigit = digit;
        }
        return afterDigit;
    }
}
