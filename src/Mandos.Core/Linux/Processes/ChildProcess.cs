using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Linux.Processes;

/// <summary>
/// A program started by posix_spawn(3). Its owner waits for it; a child that is disposed before it ended runs on, and
/// becomes a zombie until this process ends.
/// </summary>
public sealed partial class ChildProcess : IDisposable
{
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

    /// <summary>The process number; another process may get it once the child has been waited for.</summary>
    public int Id { get; }

    /// <summary>Executes the command. False, with the reason, if it could not be executed (ENOENT, EACCES, ENOEXEC, EAGAIN…).</summary>
    public static bool TryStart(ChildCommand command, [NotNullWhen(true)] out ChildProcess? child, out Errno error) =>
        TryStart(command, watch: null, out child, out error);

    /// <summary>The same; waiting for the child costs no thread of its own where the kernel has pidfds.</summary>
    public static bool TryStart(ChildCommand command, IReadinessWatch? watch, [NotNullWhen(true)] out ChildProcess? child, out Errno error)
    {
        error = PosixSpawn.Start(command, out var pid);
        child = error.Ok ? new ChildProcess(pid, command.NewProcessGroup || command.NewSession, watch) : null;
        return error.Ok;
    }

    /// <summary>A child of this process that leads its own group and that something else than this class started.</summary>
    public static ChildProcess Adopt(int pid) => new(pid, leadsGroup: true, watch: null);

    /// <summary>Waits for the end; the child goes on if the wait is cancelled. May be called again.</summary>
    public async Task<ChildExit> WaitAsync(CancellationToken cancellationToken)
    {
        await UntilEndedAsync(cancellationToken);
        return Reap();
    }

    /// <summary>Sends a signal to the child; nothing happens if it was already waited for.</summary>
    public Errno Signal(int signal) => Send(Id, signal);

    /// <summary>Sends a signal to all processes of the group that the child leads (to the child alone if it leads none).</summary>
    public Errno SignalGroup(int signal) => Send(_leadsGroup ? -Id : Id, signal);

    /// <summary>
    /// Ends the child and its group: SIGTERM, then SIGKILL to what is left of the group when the child has ended or the
    /// time of grace is over. Not cancellable: it ends soon after <paramref name="grace"/> at the latest.
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
                // It ignores SIGTERM.
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
    /// Ends those of the child's group that outlived it, after it was waited for: SIGKILL when the time of grace is over.
    /// False if some of them cannot be ended. Not cancellable: it ends soon after <paramref name="grace"/> at the latest.
    /// </summary>
    public Task<bool> EndRestOfGroupAsync(TimeSpan grace, TimeProvider time) =>
        _leadsGroup ? ProcessGroup.EndAsync(Id, grace, time) : Task.FromResult(true);

    /// <summary>Completes when the child has ended. It is not waited for yet: its number and its group stay its own.</summary>
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

    private ChildExit Reap()
    {
        lock (_lock)
        {
            if (_exit is not null)
                return _exit.Value;
            var error = ChildWait.TryReap(Id, out _exit);
            return _exit ?? throw new InvalidOperationException($"the exit status of process {Id} is lost: {error}");
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
