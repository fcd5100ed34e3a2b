using System.Text;

namespace Mandos.Client.Runner;

/// <summary>
/// The grammar of plugin-runner.conf: everything from a <c>#</c> to the end of its line is a comment; the rest is words separated by white
/// space, parsed like a command line. There is no quoting, so no word can contain a space or a <c>#</c>.
/// </summary>
internal static class ConfigWords
{
    /// <summary>Returns the words of the whole file, in order.</summary>
    internal static IReadOnlyList<string> Read(ReadOnlySpan<byte> text)
    {
        var words = new List<string>();
        var begin = 0;
        var isComment = false;
        for (var i = 0; i <= text.Length; i++)
        {
            var one = i < text.Length ? text[i] : (byte)'\n';
            // No argument can contain a zero byte; for upstream, the line ends there.
            var beginsComment = one is (byte)'#' or 0;
            if (!beginsComment && !IsSpace(one))
                continue;
            if (!isComment && i > begin)
                words.Add(Encoding.UTF8.GetString(text[begin..i]));
            begin = i + 1;
            isComment = one != (byte)'\n' && (isComment || beginsComment);
        }

        return words;
    }

    private static bool IsSpace(byte one) => one is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');
}
