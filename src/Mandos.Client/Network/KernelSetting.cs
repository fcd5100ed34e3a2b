using System.Text;

namespace Mandos.Client.Network;

/// <summary>Reads and writes files below /proc/sys, which may not exist at all.</summary>
internal static class KernelSetting
{
    /// <summary>Reads the first line; null if that fails.</summary>
    public static string? Read(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Span<byte> buffer = stackalloc byte[128];
            return Encoding.ASCII.GetString(buffer[..RandomAccess.Read(file, buffer, 0)]).Split('\n')[0];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes a value; false if that fails.</summary>
    public static bool TryWrite(string path, string value)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(value + "\n"), 0);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
