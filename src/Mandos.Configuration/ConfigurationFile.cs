using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Mandos.Core.Linux.Files;
using Mandos.Core.Secrets;

namespace Mandos.Configuration;

/// <summary>Reads a configuration file from disk: UTF-8, only through locked memory.</summary>
internal static class ConfigurationFile
{
    /// <summary>
    /// 1 GiB less 1 MiB: far more than any list of clients needs, and the most of which the text fits into one .NET string
    /// (fewer than 2^30 characters).
    /// </summary>
    private const long MaximumLength = 1023L << 20;

    /// <summary>The limit for a file with one secret.</summary>
    internal const long MaximumSecretLength = 64L << 20;

    private const int ErrorTooLarge = 27;

    private const string NullDevice = "/dev/null";

    private static readonly Dictionary<string, string> NoBuiltIn = [];

    /// <summary>The outcome of reading a file.</summary>
    internal enum Outcome
    {
        /// <summary>The file was read.</summary>
        Read,

        /// <summary>The file has no bytes, as an editor may leave it on a full disk, and the document is empty.</summary>
        Empty,

        /// <summary>There is no such file.</summary>
        Missing,

        /// <summary>The file exists, but cannot be read.</summary>
        Unreadable,

        /// <summary>The file cannot be parsed.</summary>
        Malformed,
    }

    /// <summary>Reads and parses a file; all problems are added to <paramref name="problems"/>, except that it is missing.</summary>
    internal static Outcome Read(
        string path, IReadOnlyDictionary<string, string>? builtIn, List<ConfigurationProblem> problems, out ConfigurationDocument? document,
        ConfigurationDocument? main = null)
    {
        document = null;
        try
        {
            var bytes = ReadBytes(path);
            // A link to /dev/null is made by a person.
            var isEmpty = bytes.Length == 0 && !FileKind.AreSame(path, NullDevice);
            document = Parse(path, bytes, builtIn, problems, main);
            return document is null ? Outcome.Malformed : isEmpty ? Outcome.Empty : Outcome.Read;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The target of a link may only be missing temporarily; its content is unknown.
            if (!Path.Exists(path))
                return Outcome.Missing;
            problems.Add(new(path, 0, "cannot be read: a link to a file that does not exist", IsWarning: true));
            return Outcome.Unreadable;
        }
        catch (IOException e) when (e.HResult == ErrorTooLarge)
        {
            problems.Add(new(path, 0, string.Create(CultureInfo.InvariantCulture, $"the file is larger than {MaximumLength >> 20} MiB")));
            return Outcome.Malformed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Treated like a missing file, as always, but reported.
            problems.Add(new(path, 0, $"cannot be read: {FileFailure.Reason(e)}", IsWarning: true));
            return Outcome.Unreadable;
        }
    }

    /// <summary>
    /// Parses the bytes of a file; null if they are not a configuration; <paramref name="problems"/> then contains the reasons.
    /// </summary>
    internal static ConfigurationDocument? Parse(
        string file, ReadOnlySpan<byte> utf8, IReadOnlyDictionary<string, string>? builtIn, List<ConfigurationProblem> problems,
        ConfigurationDocument? main = null) =>
        Parse(file, SecretBuffer.CopyOf(utf8), builtIn, problems, main);

    /// <summary>Parses bytes and takes ownership of them.</summary>
    private static ConfigurationDocument? Parse(
        string file, SecretBuffer utf8, IReadOnlyDictionary<string, string>? builtIn, List<ConfigurationProblem> problems,
        ConfigurationDocument? main)
    {
        if (Utf8.IsValid(utf8.Span))
            return ConfigurationParser.Parse(file, utf8, builtIn ?? NoBuiltIn, main, problems);
        problems.Add(new(file, utf8.Span[..ValidLength(utf8.Span)].Count((byte)'\n') + 1, "the line is not valid UTF-8"));
        utf8.Dispose();
        return null;
    }

    private static int ValidLength(ReadOnlySpan<byte> utf8)
    {
        var length = 0;
        while (Rune.DecodeFromUtf8(utf8[length..], out _, out var consumed) == OperationStatus.Done)
            length += consumed;
        return length;
    }

    /// <summary>Returns the whole content of a file in locked memory; the caller owns it.</summary>
    /// <exception cref="UnauthorizedAccessException">Access is denied, or it is something else: a read from a pipe could block forever.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read, or is too large.</exception>
    internal static SecretBuffer ReadBytes(string path, long maximum = MaximumLength)
    {
        if (FileKind.IsSpecial(path) && !FileKind.AreSame(path, NullDevice))
            throw new UnauthorizedAccessException();
        using var file = File.OpenHandle(path);
        var capacity = Math.Max(RandomAccess.GetLength(file), 4096) + 1;
        for (; ; capacity *= 2)
        {
            if (capacity > maximum)
                throw new IOException("the file is too large", ErrorTooLarge);
            var buffer = new SecretBuffer((int)capacity);
            if (TryFill(file, buffer))
                return buffer;
            buffer.Dispose();
        }
    }

    /// <summary>Reads the file; false if it is larger than the buffer (it grew, or reports no length).</summary>
    private static bool TryFill(Microsoft.Win32.SafeHandles.SafeFileHandle file, SecretBuffer buffer)
    {
        while (!buffer.Free.IsEmpty)
        {
            var count = RandomAccess.Read(file, buffer.Free, buffer.Length);
            if (count == 0)
                return true;
            buffer.Advance(count);
        }

        return false;
    }
}
