using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Server.Startup;

/// <summary>
/// Standard output and error by their descriptors. The console of .NET writes to copies of them, which would hold the
/// terminal when the program has gone into the background; a FileStream writes to its own position, over what others
/// have written to the same file.
/// </summary>
internal static class StandardStreams
{
    internal const int ErrorDescriptor = 2;

    /// <summary>For answers; one that cannot be written is an <see cref="IOException"/>.</summary>
    internal static TextWriter Output { get; } = new StreamWriter(new DescriptorStream(1)) { AutoFlush = true };

    /// <summary>For diagnostics; a failure to write them cannot be reported.</summary>
    internal static TextWriter Error { get; } = new StreamWriter(
        new DescriptorStream(ErrorDescriptor) { IgnoresErrors = true })
    { AutoFlush = true };
}
