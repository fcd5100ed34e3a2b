using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>C library calls that several topics need. Calls of a single topic are in its own file in this folder.</summary>
internal static partial class LibC
{
    internal const string Name = "libc";

    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int EINVAL = 22;
    internal const int ENOBUFS = 105;
    internal const int ECANCELED = 125;

    [LibraryImport(Name, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int fd);

    [LibraryImport(Name, EntryPoint = "getpid")]
    internal static partial int GetPid();
}
