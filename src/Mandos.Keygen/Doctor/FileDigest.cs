using Mandos.Core.Secrets;
using Org.BouncyCastle.Crypto.Digests;

namespace Mandos.Keygen.Doctor;

/// <summary>SHA-256 of a file. Its content, which may be a key, is wiped.</summary>
internal static class FileDigest
{
    /// <summary>Computes it; null if the file cannot be read.</summary>
    internal static byte[]? Of(string path)
    {
        var buffer = new byte[64 << 10];
        try
        {
            using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0 });
            var digest = new Sha256Digest();
            for (int count; (count = file.Read(buffer)) > 0;)
                digest.BlockUpdate(buffer.AsSpan(0, count));
            var result = new byte[digest.GetDigestSize()];
            digest.DoFinal(result);
            return result;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            SecretBuffer.Wipe(buffer);
        }
    }
}
