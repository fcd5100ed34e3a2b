using System.Diagnostics;
using System.IO.Compression;

namespace Mandos.Keygen.Tests.Images;

/// <summary>Writes images for tests, and compresses them as the kernel's tools do.</summary>
internal static class ImageFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void Write(string path, params byte[][] parts)
    {
        using var file = new FileStream(
            path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        foreach (var part in parts)
            file.Write(part);
    }

    public static byte[] Gzip(byte[] content)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest))
            gzip.Write(content);
        return result.ToArray();
    }

    /// <summary>Compresses with a program.</summary>
    public static byte[] Compress(byte[] content, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        using var result = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(result, TestContext.Current.CancellationToken);
        process.StandardInput.BaseStream.Write(content);
        process.StandardInput.Close();
        reading.Wait(TestContext.Current.CancellationToken);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return result.ToArray();
    }
}
