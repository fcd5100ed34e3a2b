using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Server.Startup;

/// <summary>
/// Standard output and error, written directly to their descriptors. The .NET console writes to duplicates, which would keep the terminal
/// open after the program has gone into the background; a FileStream keeps its own position and overwrites what others wrote to the same
/// file.
/// </summary>
internal static class StandardStreams
{
    internal const int ErrorDescriptor = 2;

    /// <summary>Standard output; a failed write throws <see cref="IOException"/>.</summary>
    internal static TextWriter Output { get; } = new StreamWriter(new DescriptorStream(1)) { AutoFlush = true };

    /// <summary>Standard error; a failed write cannot be reported and is ignored.</summary>
    internal static TextWriter Error { get; } = new StreamWriter(
        new DescriptorStream(ErrorDescriptor) { IgnoresErrors = true })
    { AutoFlush = true };
}
