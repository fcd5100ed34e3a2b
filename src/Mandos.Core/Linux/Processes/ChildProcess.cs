using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Linux.Processes;

/// <summary>
/// A program started by posix_spawn(3). Its owner waits for it; a child that is disposed before it has ended continues to run, and becomes
/// a zombie until this process exits.
/// </summary>
public sealed partial class ChildProcess : IDisposable
{
    private static readonly TimeSpan TracerPause = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly int _pidDescriptor;
    private readonly bool _leadsGroup;
    private readonly IReadinessWatch? _watch;
    private ChildExit? _exit;
    private bool _disposed;

    private ChildProcess(int pid, bool leadsGroup, IReadinessWatch? watch)
    {
        Id = pid;
        _leadsGroup = leadsGroup;
        _watch = watch;
        _pidDescriptor = ChildWait.Open(pid);
    }

    /// <summary>The process ID; another process may get it after the child has been waited for.</summary>
    public int Id { get; }

    /// <summary>Executes the command. False, with the reason, if it could not be executed (ENOENT, EACCES, ENOEXEC, EAGAIN…).</summary>
    public static bool TryStart(ChildCommand command, [NotNullWhen(true)] out ChildProcess? child, out Errno error) =>
        TryStart(command, watch: null, out child, out error);

    /// <summary>Executes the command; with pidfds, waiting for the child needs no thread of its own.</summary>
    public static bool TryStart(ChildCommand command, IReadinessWatch? watch, [NotNullWhen(true)] out ChildProcess? child, out Errno error)
    {
        error = PosixSpawn.Start(command, out var pid);
        child = error.Ok ? new ChildProcess(pid, command.NewProcessGroup || command.NewSession, watch) : null;
        return error.Ok;
    }

    /// <summary>Adopts a child of this process that leads its own group and was started by other code.</summary>
    public static ChildProcess Adopt(int pid) => new(pid, leadsGroup: true, watch: null);

    /// <summary>Waits for the end; the child continues if the wait is cancelled. May be called again.</summary>
    public async Task<ChildExit> WaitAsync(CancellationToken cancellationToken)
    {
        await UntilEndedAsync(cancellationToken);
        ChildExit? exit;
        // A program that traces the child (strace) gets its status first, and until then the kernel does not give it to us.
        while ((exit = Reap()) is null)
            await Task.Delay(TracerPause, cancellationToken);
        return exit.Value;
    }

    /// <summary>Sends a signal to the child; does nothing if it was already waited for.</summary>
    public Errno Signal(int signal) => Send(Id, signal);

    /// <summary>Sends a signal to all processes of the group that the child leads (to the child alone if it leads none).</summary>
    public Errno SignalGroup(int signal) => Send(_leadsGroup ? -Id : Id, signal);

    /// <summary>
    /// Stops the child and its group: SIGTERM, then SIGKILL for the rest of the group when the child has ended or the grace period is over.
    /// Not cancellable: takes little longer than <paramref name="grace"/>.
    /// </summary>
    public async Task<ChildExit> EndAsync(TimeSpan grace, TimeProvider time)
    {
        _ = SignalGroup(Signals.Term);
        using (var limit = new CancellationTokenSource(grace, time))
        {
            try
            {
                await UntilEndedAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // The child ignores SIGTERM.
            }
        }
        // Before the child is reaped: until then no other group can have its number.
        _ = SignalGroup(Signals.Kill);
        return await WaitAsync(CancellationToken.None);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (_exit is null)
                _ = ChildWait.TryReap(Id, out _exit);
            if (_pidDescriptor >= 0)
                _ = LibC.Close(_pidDescriptor);
        }
    }

    /// <summary>
    /// Stops the processes of the child's group that outlived it, after it was waited for: SIGKILL after the grace period. False if some
    /// cannot be killed. Not cancellable: takes little longer than <paramref name="grace"/>.
    /// </summary>
    public Task<bool> EndRestOfGroupAsync(TimeSpan grace, TimeProvider time) =>
        _leadsGroup ? ProcessGroup.EndAsync(Id, grace, time) : Task.FromResult(true);

    /// <summary>Completes when the child has ended. It is not reaped yet, so its process ID and group remain its own.</summary>
    public async Task UntilEndedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed && _exit is null, this);
            if (_exit is not null)
                return;
        }
        if (_watch is not null && _pidDescriptor >= 0)
            await _watch.WaitAsync(_pidDescriptor, cancellationToken);
        else
            await ChildWait.UntilEndedAsync(Id, _pidDescriptor, cancellationToken);
    }

    private ChildExit? Reap()
    {
        lock (_lock)
        {
            if (_exit is not null)
                return _exit;
            var error = ChildWait.TryReap(Id, out _exit);
            return error.Ok ? _exit : throw new InvalidOperationException($"the exit status of process {Id} is lost: {error}");
        }
    }

    private Errno Send(int target, int signal)
    {
        lock (_lock)
            return _exit is null ? Errno.From(Kill(target, signal)) : Errno.None;
    }

    [LibraryImport(LibC.Name, EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
