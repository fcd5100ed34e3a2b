using System.Buffers;
using System.Globalization;
using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Text;

namespace Mandos.Server.Checkers;

/// <summary>What a checker printed on stdout and stderr: the beginning is kept, the rest is read and counted.</summary>
internal sealed class CheckerOutput
{
    /// <summary>The limit on kept output, in bytes.</summary>
    internal const int MostKept = 4096;

    /// <summary>The limit per log line, in characters.</summary>
    private const int MostShown = 2000;

    /// <summary>The capacity of a pipe.</summary>
    private const int ReadAtOnce = 64 * 1024;

    /// <summary>The number of final bytes that are kept, enough for the last line.</summary>
    private const int MostOfEnd = 1024;

    /// <summary>The limit on the last line, in characters.</summary>
    private const int MostOfLine = 500;

    private readonly ArrayBufferWriter<byte> _kept = new();
    private byte[] _end = [];

    /// <summary>The total length in bytes.</summary>
    internal long Length { get; private set; }

    /// <summary>
    /// Reads what is in the pipe, which must be non-blocking; false at its end. It may be empty although data was reported: the checker can
    /// open the pipe for reading, too (/proc/self/fd/1). The thread that waits for all checks must not wait for that.
    /// </summary>
    internal bool ReadFrom(int pipe)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadAtOnce);
        try
        {
            var error = DescriptorIo.TryRead(pipe, buffer, out var count);
            Add(buffer.AsSpan(0, count));
            return error.Code == Errno.TryAgain || (error.Ok && count > 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads what is in the pipe now.</summary>
    internal void Drain(int pipe)
    {
        // The number of reads that empty a pipe full of single bytes; further output is ignored.
        for (var rounds = 16; rounds > 0 && DescriptorIo.WaitUntilReadable(pipe, 0) && ReadFrom(pipe);)
            rounds--;
    }

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        _kept.Write(bytes[..Math.Min(bytes.Length, MostKept - _kept.WrittenCount)]);
        ReadOnlySpan<byte> end = [.. _end, .. bytes[^Math.Min(bytes.Length, MostOfEnd)..]];
        _end = end[^Math.Min(end.Length, MostOfEnd)..].ToArray();
    }

    /// <summary>The last line that is not blank, as plain text; empty if there is none.</summary>
    internal string LastLine
    {
        get
        {
            var text = PlainLines(_end).LastOrDefault() ?? "";
            return text.Length <= MostOfLine ? text : $"{text[..MostOfLine]}...";
        }
    }

    /// <summary>The kept lines as plain text; if output is missing, also its total length and the last line.</summary>
    internal IReadOnlyList<string> Lines => Length == _kept.WrittenCount
        ? [.. PlainLines(_kept.WrittenSpan)]
        : [.. PlainLines(_kept.WrittenSpan), string.Create(CultureInfo.InvariantCulture, $"... ({Length} bytes in all)"), LastLine];

    private static IEnumerable<string> PlainLines(ReadOnlySpan<byte> bytes) =>
        Encoding.UTF8.GetString(bytes).Split('\n', '\r').Select(l => l.Trim()).Where(l => l.Length > 0).Select(PrintableText.Of);

    /// <summary>The output for the end of a log line: <c>: text (5000 bytes in all)</c>, or nothing.</summary>
    public override string ToString()
    {
        if (Length == 0)
            return "";
        var text = PrintableText.Of(Encoding.UTF8.GetString(_kept.WrittenSpan).Trim());
        if (text.Length <= MostShown && Length == _kept.WrittenCount)
            return text.Length == 0 ? "" : $": {text}";
        return string.Create(CultureInfo.InvariantCulture, $": {text[..Math.Min(text.Length, MostShown)]}... ({Length} bytes in all)");
    }
}
