using Mandos.Core.Secrets;

namespace Mandos.Keygen.KeyFiles;

/// <summary>The content of one key file.</summary>
internal static class KeyFile
{
    private const int MostBytes = 1024 * 1024;

    /// <summary>Reads all of it; the caller owns the result.</summary>
    /// <exception cref="KeygenException">It is missing, unreadable or too large.</exception>
    public static SecretBuffer Read(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        try
        {
            // No buffer of the stream's own, which would keep a copy.
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite, BufferSize = 0 });
            if (file.Length > MostBytes)
                throw new KeygenException($"{path} is too large for a key");
            var content = new SecretBuffer((int)file.Length);
            try
            {
                for (int count; (count = file.Read(content.Free)) > 0;)
                    content.Advance(count);
                return content;
            }
            catch
            {
                content.Dispose();
                throw;
            }
        }
        catch (FileNotFoundException)
        {
            throw new KeygenException($"{path} does not exist", "make keys first: run mandos-keygen without --password and --passfile");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KeygenException($"cannot read {path}: {error.Message.TrimEnd('.')}", "run this as root");
        }
    }
}
