using Microsoft.Win32.SafeHandles;

namespace Mandos.Server.Startup;

/// <summary>
/// Standard output and error by their descriptors. The console of .NET writes to copies of them, which would hold the
/// terminal when the program has gone into the background.
/// </summary>
internal static class StandardStreams
{
    internal static TextWriter Output { get; } = Open(1);

    internal static TextWriter Error { get; } = Open(2);

    private static TextWriter Open(int descriptor)
    {
        try
        {
            var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return new StreamWriter(stream) { AutoFlush = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Started with the descriptor closed.
            return TextWriter.Null;
        }
    }
}
