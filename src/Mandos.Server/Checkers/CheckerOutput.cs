using System.Buffers;
using System.Globalization;
using System.Text;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Text;

namespace Mandos.Server.Checkers;

/// <summary>What a checker printed on stdout and stderr: the beginning is kept, the rest is taken from it and counted.</summary>
internal sealed class CheckerOutput
{
    /// <summary>In bytes.</summary>
    internal const int MostKept = 4096;

    /// <summary>In characters of a line of the log.</summary>
    private const int MostShown = 2000;

    /// <summary>As much as fits into a pipe.</summary>
    private const int ReadAtOnce = 64 * 1024;

    /// <summary>Of its end, in bytes: enough for the last line.</summary>
    private const int MostOfEnd = 1024;

    /// <summary>Of the last line, in characters.</summary>
    private const int MostOfLine = 500;

    private readonly ArrayBufferWriter<byte> _kept = new();
    private byte[] _end = [];

    /// <summary>All of it, in bytes.</summary>
    internal long Length { get; private set; }

    /// <summary>Takes what is in the pipe; waits if there is nothing. False at its end.</summary>
    internal bool ReadFrom(int pipe)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadAtOnce);
        try
        {
            var error = DescriptorIo.Read(pipe, buffer, out var count);
            Add(buffer.AsSpan(0, count));
            return error.Ok && count > 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Takes what is in the pipe now and no more.</summary>
    internal void Drain(int pipe)
    {
        // As often as a pipe full of single bytes takes, and then further output is ignored.
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

    /// <summary>All that was kept, line by line as plain text; if that is not everything, also how much it was and the last line.</summary>
    internal IReadOnlyList<string> Lines => Length == _kept.WrittenCount
        ? [.. PlainLines(_kept.WrittenSpan)]
        : [.. PlainLines(_kept.WrittenSpan), string.Create(CultureInfo.InvariantCulture, $"... ({Length} bytes in all)"), LastLine];

    private static IEnumerable<string> PlainLines(ReadOnlySpan<byte> bytes) =>
        Encoding.UTF8.GetString(bytes).Split('\n', '\r').Select(l => l.Trim()).Where(l => l.Length > 0).Select(PrintableText.Of);

    /// <summary>For the end of a line of the log: <c>: text (5000 bytes in all)</c>, or nothing.</summary>
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
