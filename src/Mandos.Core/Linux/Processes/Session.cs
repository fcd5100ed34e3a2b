using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Processes;

/// <summary>Operations for a process that goes into the background (daemon(7)).</summary>
public static partial class Session
{
    private const int O_RDWR = 2;
    private const int O_CLOEXEC = 0x80000;

    /// <summary>Starts a new session, without the terminal and process group of the parent process.</summary>
    public static Errno Start() => Errno.From(SetSid());

    /// <summary>Redirects standard input, output and error to /dev/null.</summary>
    public static Errno SilenceStandardStreams()
    {
        var nowhere = Open("/dev/null", O_RDWR | O_CLOEXEC);
        if (nowhere < 0)
            return Errno.Last;
        var error = Errno.None;
        for (var stream = 0; stream <= 2 && error.Ok; stream++)
            error = Errno.From(Dup2(nowhere, stream));
        if (nowhere > 2)
            _ = LibC.Close(nowhere);
        return error;
    }

    [LibraryImport(LibC.Name, EntryPoint = "setsid", SetLastError = true)]
    private static partial int SetSid();

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "dup2", SetLastError = true)]
    private static partial int Dup2(int source, int target);
}
