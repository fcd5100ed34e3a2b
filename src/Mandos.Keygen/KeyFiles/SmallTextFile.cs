using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.KeyFiles;

/// <summary>A small file of text in the key directory, without a secret, that is replaced atomically and durably.</summary>
internal static class SmallTextFile
{
    private const int MostBytes = 1 << 16;

    /// <summary>Its lines; null if it does not exist.</summary>
    /// <exception cref="KeygenException">It cannot be read.</exception>
    public static IReadOnlyList<string>? TryRead(string path) => SmallFile.TryRead(path, MostBytes, out var content, out var error) switch
    {
        SmallFileResult.Read => Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries),
        SmallFileResult.Missing => null,
        _ => throw new KeygenException($"cannot read {path}: {(error.Ok ? "it is not a small regular file" : error.ToString())}"),
    };

    /// <summary>Writes lines.</summary>
    /// <exception cref="KeygenException">They cannot be written; the file is as before.</exception>
    public static void Write(string path, IEnumerable<string> lines)
    {
        var temporary = path + ".new";
        try
        {
            File.Delete(temporary);
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (var file = new FileStream(temporary, options))
            {
                file.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            DurableKeyFiles.Sync(Path.GetDirectoryName(path)!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KeygenException($"cannot write {path}: {SystemFailure.Reason(error)}");
        }
    }
}
