using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Core.Secrets;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.KeyFiles;

/// <summary>The content of one key file.</summary>
internal static class KeyFile
{
    private const int MostBytes = 1024 * 1024;
    private const int ENOENT = 2;

    private static readonly TimeSpan FifoPatience = TimeSpan.FromSeconds(1);

    /// <summary>Reads the whole file; the caller owns the result.</summary>
    /// <exception cref="KeygenException">The file is missing, unreadable or too large.</exception>
    public static SecretBuffer Read(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        var problem = InputFile.Open(path, FifoPatience, out var file, out var error);
        using (file)
        {
            if (error.Code == ENOENT)
                throw new KeygenException($"{path} does not exist", "make keys first: run mandos-keygen without --password or --passfile");
            if (problem is null && SecretInput.ReadToEnd(file.Number, MostBytes, out error) is { } content)
                return content;
            if (problem is null && error.Ok)
                throw new KeygenException($"{path} is too large for a key");
            throw new KeygenException(
                $"cannot read {path}: {problem ?? error.ToString()}", error.Code == Errno.AccessDenied ? "run this as root" : null);
        }
    }
}
