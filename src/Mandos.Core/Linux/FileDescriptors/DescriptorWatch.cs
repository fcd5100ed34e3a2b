using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>
/// Waits for any number of descriptors on one thread (epoll(7)): for servers, where a thread for each wait
/// (<see cref="Readiness"/>) would be too many.
/// </summary>
public sealed partial class DescriptorWatch : IReadinessWatch, IDisposable
{
    private const int EPOLL_CLOEXEC = 0x80000;
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CTL_DEL = 2;
    private const uint EPOLLIN = 1;
    private const int EFD_CLOEXEC = 0x80000;
    private const int MostEvents = 64;

    /// <summary>What the descriptor that ends the thread is known by.</summary>
    private const ulong WakeId = 0;

    // struct epoll_event is packed on x86-64 and nowhere else.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventSize - sizeof(ulong);

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Wait> _waits = [];
    private readonly int _poll;
    private readonly int _wake;
    private readonly Thread _thread;
    private ulong _lastId = WakeId;
    private bool _disposed;

    /// <summary>Starts the thread.</summary>
    /// <exception cref="InvalidOperationException">The system has no descriptors left.</exception>
    public DescriptorWatch()
    {
        _poll = EpollCreate(EPOLL_CLOEXEC);
        _wake = _poll < 0 ? -1 : EventFd(0, EFD_CLOEXEC);
        if (_wake < 0 || !Control(EPOLL_CTL_ADD, _wake, WakeId).Ok)
            throw new InvalidOperationException($"epoll: {Errno.Last}");
        _thread = new Thread(Run) { IsBackground = true, Name = "descriptors" };
        _thread.Start();
    }

    /// <inheritdoc />
    public async Task WaitAsync(int descriptor, CancellationToken cancellationToken)
    {
        var wait = new Wait(descriptor);
        var id = Add(wait);
        using (cancellationToken.UnsafeRegister(_ => Take(id)?.Ended.TrySetCanceled(cancellationToken), null))
            await wait.Ended.Task;
    }

    /// <summary>Ends all waits as if they had been cancelled.</summary>
    public unsafe void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        ulong one = 1;
        _ = Write(_wake, &one, sizeof(ulong));
        _thread.Join();
        foreach (var id in _waits.Keys.ToArray())
            Take(id)?.Ended.TrySetCanceled();
        _ = LibC.Close(_poll);
        _ = LibC.Close(_wake);
    }

    private ulong Add(Wait wait)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            // Not the descriptor's number, which may belong to another file when a late event arrives.
            var id = ++_lastId;
            var error = Control(EPOLL_CTL_ADD, wait.Descriptor, id);
            if (!error.Ok)
                throw new InvalidOperationException($"epoll: {error}");
            _waits.Add(id, wait);
            return id;
        }
    }

    /// <summary>
    /// The thread that takes a wait completes it; before that the descriptor is no longer watched, so its owner may close it.
    /// </summary>
    private Wait? Take(ulong id)
    {
        lock (_lock)
        {
            if (!_waits.Remove(id, out var wait))
                return null;
            _ = Control(EPOLL_CTL_DEL, wait.Descriptor, id);
            return wait;
        }
    }

    private unsafe void Run()
    {
        var events = stackalloc byte[MostEvents * EventSize];
        while (true)
        {
            var count = EpollWait(_poll, events, MostEvents, -1);
            for (var i = 0; i < count; i++)
            {
                var id = Marshal.ReadInt64((nint)(events + (i * EventSize) + DataOffset));
                if ((ulong)id == WakeId)
                    return;
                Take((ulong)id)?.Ended.TrySetResult();
            }
        }
    }

    private unsafe Errno Control(int operation, int descriptor, ulong id)
    {
        var entry = stackalloc byte[EventSize];
        *(uint*)entry = EPOLLIN;
        Marshal.WriteInt64((nint)(entry + DataOffset), (long)id);
        return Errno.From(EpollControl(_poll, operation, descriptor, entry));
    }

    private sealed class Wait(int descriptor)
    {
        internal int Descriptor => descriptor;

        /// <summary>Continues elsewhere: the thread is for waiting alone.</summary>
        internal TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LibraryImport(LibC.Name, EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport(LibC.Name, EntryPoint = "epoll_ctl", SetLastError = true)]
    private static unsafe partial int EpollControl(int poll, int operation, int descriptor, void* entry);

    [LibraryImport(LibC.Name, EntryPoint = "epoll_wait", SetLastError = true)]
    private static unsafe partial int EpollWait(int poll, void* entries, int most, int milliseconds);

    [LibraryImport(LibC.Name, EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint Write(int fd, void* buffer, nuint count);
}
