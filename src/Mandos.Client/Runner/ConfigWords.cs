using System.Text;

namespace Mandos.Client.Runner;

/// <summary>
/// The grammar of plugin-runner.conf: from a <c>#</c>, wherever it stands, to the end of its line all is comment; the rest
/// is words between white space, which are read like a command line. There is no quoting: no word holds a space or a
/// <c>#</c>.
/// </summary>
internal static class ConfigWords
{
    /// <summary>The words of the whole file, in order.</summary>
    internal static IReadOnlyList<string> Read(ReadOnlySpan<byte> text)
    {
        var words = new List<string>();
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            ReadLine(end < 0 ? text : text[..end], words);
            text = end < 0 ? [] : text[(end + 1)..];
        }

        return words;
    }

    private static void ReadLine(ReadOnlySpan<byte> line, List<string> words)
    {
        // No argument can hold a zero byte: to the original, the line ends there.
        var end = line.IndexOfAny((byte)'#', (byte)0);
        if (end >= 0)
            line = line[..end];
        while (!line.IsEmpty)
        {
            var space = line.IndexOfAny(" \t\r\f\v"u8);
            var word = space < 0 ? line : line[..space];
            if (!word.IsEmpty)
                words.Add(Encoding.UTF8.GetString(word));
            line = space < 0 ? [] : line[(space + 1)..];
        }
    }
}
