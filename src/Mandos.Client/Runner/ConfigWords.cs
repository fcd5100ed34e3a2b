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
        var begin = 0;
        var isComment = false;
        for (var i = 0; i <= text.Length; i++)
        {
            var one = i < text.Length ? text[i] : (byte)'\n';
            // No argument can hold a zero byte: to the original, the line ends there.
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
