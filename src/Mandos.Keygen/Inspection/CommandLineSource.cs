using System.Text;
using Mandos.Keygen.Images;

namespace Mandos.Keygen.Inspection;

/// <summary>A kernel command line, or a part of one.</summary>
/// <param name="Place">The file that it is in.</param>
/// <param name="Text">The text.</param>
/// <param name="Fix">How it is changed.</param>
internal sealed record CommandLineSource(string Place, string Text, string Fix)
{
    /// <summary>Whether there is a parameter of this name with a value.</summary>
    internal bool Has(string name) => Values(name).Any(value => value.Length > 0);

    /// <summary>The values of a parameter.</summary>
    internal IEnumerable<string> Values(string name) =>
        Words(Text).Where(word => word.StartsWith(name + "=", StringComparison.Ordinal)).Select(word => word[(name.Length + 1)..]);

    /// <summary>Those in an image: of a unified kernel image, and of dracut.</summary>
    internal static IEnumerable<CommandLineSource> InImage(InitramfsImage image)
    {
        if (image.CommandLine is { } line)
            yield return new($"the section .cmdline of {image.File}", line, "change /etc/kernel/cmdline, and build the image again");
        foreach (var file in image.In("etc/cmdline.d").Where(file => file.IsFile))
            yield return new($"/{file.Path} in the image", file.Text, "change it on the machine, and build the image again");
    }

    /// <summary>
    /// Splits a command line like the kernel (next_arg in lib/cmdline.c): at blanks outside quotation marks, which are removed.
    /// </summary>
    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isQuoted = false;
        foreach (var letter in text.Append('\n'))
        {
            if (letter == '"')
                isQuoted = !isQuoted;
            else if (isQuoted || letter is not (' ' or '\t' or '\n'))
                word.Append(letter);
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        if (word.Length > 0)
            words.Add(word.ToString());
        return words;
    }
}
