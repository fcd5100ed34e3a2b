using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Keygen.KeyFiles;

/// <summary>The content of one key file.</summary>
internal static class KeyFile
{
    private const int MostBytes = 1024 * 1024;
    private const int ENOENT = 2;

    /// <summary>Reads all of it; the caller owns the result.</summary>
    /// <exception cref="KeygenException">It is missing, unreadable or too large.</exception>
    public static SecretBuffer Read(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        var error = Descriptor.OpenForReading(path, out var file);
        using (file)
        {
            if (error.Code == ENOENT)
                throw new KeygenException($"{path} does not exist", "make keys first: run mandos-keygen without --password and --passfile");
            if (error.Ok && DescriptorIo.ReadToEnd(file.Number, MostBytes, out error) is { } content)
                return content;
            throw error.Ok
                ? new KeygenException($"{path} is too large for a key")
                : new KeygenException($"cannot read {path}: {error}", "run this as root");
        }
    }
}
