using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Linux.Files;

/// <summary>Watches the files of one directory (inotify(7)).</summary>
public sealed partial class Inotify : IDisposable
{
    private const int IN_NONBLOCK = 0x800, IN_CLOEXEC = 0x80000;
    private const uint IN_ONLYDIR = 0x1000000, IN_EXCL_UNLINK = 0x4000000;

    // Enough for dozens of events; names have at most 255 bytes.
    private const int BufferLength = 16 * 1024;

    private readonly Descriptor _descriptor;
    private readonly byte[] _buffer = new byte[BufferLength];

    private Inotify(Descriptor descriptor) => _descriptor = descriptor;

    /// <summary>
    /// Starts to watch; every later change is reported. ENOENT, ENOTDIR, EACCES, ENAMETOOLONG if the directory cannot be watched.
    /// </summary>
    public static bool TryWatch(string directory, [NotNullWhen(true)] out Inotify? watch, out Errno error)
    {
        watch = null;
        var number = Init(IN_NONBLOCK | IN_CLOEXEC);
        error = Errno.From(number);
        if (!error.Ok)
            return false;
        var descriptor = new Descriptor(number);
        const uint events = InotifyEvents.IN_CLOSE_WRITE | InotifyEvents.IN_MOVED_TO | InotifyEvents.IN_MOVED_FROM | InotifyEvents.IN_DELETE
            | InotifyEvents.IN_DELETE_SELF | InotifyEvents.IN_MOVE_SELF;
        error = Errno.From(AddWatch(number, directory, events | IN_EXCL_UNLINK | IN_ONLYDIR));
        if (!error.Ok)
        {
            descriptor.Dispose();
            return false;
        }

        watch = new Inotify(descriptor);
        return true;
    }

    /// <summary>Returns the changes that were not reported yet, without waiting; may be empty.</summary>
    public IReadOnlyList<DirectoryChange> Read()
    {
        var error = DescriptorIo.TryRead(_descriptor.Number, _buffer, out var count);
        return error.Ok || error.Code == LibC.EAGAIN
            ? InotifyEvents.Parse(_buffer.AsSpan(0, count))
            : [new DirectoryChange(DirectoryChangeKind.DirectoryGone, "")];
    }

    /// <summary>Completes when <see cref="Read"/> has something to report. The watch must not be disposed before that.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) =>
        Readiness.WaitAsync(_descriptor.Number, static () => false, cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _descriptor.Dispose();

    [LibraryImport(LibC.Name, EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int Init(int flags);

    [LibraryImport(LibC.Name, EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddWatch(int descriptor, string path, uint mask);
}
