using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>
/// Waits for any number of descriptors on one thread (epoll(7)): for servers, where one thread per wait (<see cref="Readiness"/>) would be
/// too many.
/// </summary>
public sealed partial class DescriptorWatch : IReadinessWatch, IDisposable
{
    private const int EPOLL_CLOEXEC = 0x80000;
    private const int EPOLL_CTL_ADD = 1;
    private const int EPOLL_CTL_DEL = 2;
    private const uint EPOLLIN = 1;
    private const int EFD_CLOEXEC = 0x80000;
    private const int MostEvents = 64;

    /// <summary>The ID of the descriptor that ends the thread.</summary>
    private const ulong WakeId = 0;

    // struct epoll_event is packed only on x86-64.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventSize - sizeof(ulong);

    private readonly Lock _lock = new();
    /// <summary>Changed under the lock; the thread reads it without the lock, so that a busy descriptor does not block others.</summary>
    private readonly ConcurrentDictionary<ulong, Watched> _watched = [];
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
        // Continues on another thread: this one is only for short work.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watched = Begin(
            descriptor,
            () =>
            {
                _ = ended.TrySetResult();
                return false;
            },
            () => ended.TrySetCanceled());
        using (cancellationToken.UnsafeRegister(_ => ended.TrySetCanceled(cancellationToken), null))
            await ended.Task;
    }

    /// <summary>
    /// Calls <paramref name="ready"/> while there is data to read, until it returns false or the result of this method is disposed, after
    /// which no call is made or running. The calls are made on the thread that waits for all descriptors, so they must not block or throw.
    /// </summary>
    public IDisposable Watch(int descriptor, Func<bool> ready) => Begin(descriptor, ready, abandoned: null);

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
        foreach (var watched in _watched.Values.ToArray())
            watched.Abandon();
        _ = LibC.Close(_poll);
        _ = LibC.Close(_wake);
    }

    private Watched Begin(int descriptor, Func<bool> ready, Action? abandoned)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            // Not the descriptor's number, which may belong to another file when a late event arrives.
            var watched = new Watched(this, ++_lastId, descriptor, ready, abandoned);
            var error = Control(EPOLL_CTL_ADD, descriptor, watched.Id);
            if (!error.Ok)
                throw new InvalidOperationException($"epoll: {error}");
            _watched[watched.Id] = watched;
            return watched;
        }
    }

    /// <summary>Ends a wait; afterwards the owner may close the descriptor.</summary>
    private void End(Watched watched)
    {
        lock (_lock)
        {
            if (_watched.TryRemove(watched.Id, out _))
                _ = Control(EPOLL_CTL_DEL, watched.Descriptor, watched.Id);
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
                if (_watched.TryGetValue((ulong)id, out var watched))
                    watched.Report();
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

    private sealed class Watched(DescriptorWatch watch, ulong id, int descriptor, Func<bool> ready, Action? abandoned) : IDisposable
    {
        private readonly Lock _lock = new();
        private bool _ended;

        internal ulong Id => id;

        internal int Descriptor => descriptor;

        /// <summary>Reports that there is data to read.</summary>
        internal void Report()
        {
            lock (_lock)
            {
                if (_ended || ready())
                    return;
                _ended = true;
            }

            watch.End(this);
        }

        internal void Abandon()
        {
            Dispose();
            abandoned?.Invoke();
        }

        /// <inheritdoc />
        public void Dispose()
        {
            watch.End(this);
            lock (_lock)
                _ended = true;
        }
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
