using System.Globalization;
using System.Text;
using Mandos.Core.Linux.Files;

namespace Mandos.Core.Audit;

/// <summary>The names of the files of an audit trail in the state directory, and the position of its end.</summary>
public static class AuditFiles
{
    /// <summary>The file that is written to.</summary>
    public const string Current = "audit.jsonl";

    /// <summary>Holds the number and the hash of the last record that is on disk, as text.</summary>
    public const string Head = "audit.head";

    /// <summary>The number of older files that are kept.</summary>
    public const int MostOlder = 8;

    /// <summary>The name of an older file; 1 is the newest of them.</summary>
    public static string Older(int age) => string.Create(CultureInfo.InvariantCulture, $"{Current}.{age}");

    /// <summary>The names of the files that exist, the oldest first.</summary>
    /// <exception cref="IOException">The directory does not exist or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory must not be read.</exception>
    public static IReadOnlyList<string> In(string directory)
    {
        var existing = Directory.EnumerateFiles(directory, $"{Current}*").Select(Path.GetFileName).ToHashSet();
        return [.. Enumerable.Range(1, MostOlder).Reverse().Select(Older).Append(Current).Where(existing.Contains)];
    }

    /// <summary>Formats the content of <see cref="Head"/>, which always has the same length.</summary>
    public static byte[] FormatHead(long number, string hash) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number:D19} {hash}\n"));

    /// <summary>Reads <see cref="Head"/>; null if it does not exist or is not valid.</summary>
    public static (long Number, string Hash)? ReadHead(string directory)
    {
        const int length = 19 + 1 + 64 + 1;
        if (SmallFile.TryRead(Path.Combine(directory, Head), length, out var content, out _) != SmallFileResult.Read)
            return null;
        var text = Encoding.ASCII.GetString(content);
        return text.Length == length && text[19] == ' ' && text[^1] == '\n'
            && long.TryParse(text.AsSpan(0, 19), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (number, text[20..^1])
            : null;
    }
}
