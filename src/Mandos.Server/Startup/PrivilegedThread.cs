using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Mandos.Core.Linux.Privileges;
using Mandos.Server.Checkers;

namespace Mandos.Server.Startup;

/// <summary>
/// The only thread with more privileges than the server's user: it binds the socket, and reads configuration files regardless of their
/// owner, at the start and at each reload. In between, the privileges are not in effect. No other thread and no checker has them. Without
/// privileges it is an ordinary thread.
/// </summary>
/// <remarks>
/// Capabilities belong to threads. Started as root, this thread keeps two capabilities when the user changes, while all other threads lose
/// theirs. Started as an ordinary user with ambient capabilities (AmbientCapabilities= of systemd), this thread inherits them from its
/// creator. That must be the first thread of the program; it then drops them, so that all later threads start without them.
/// </remarks>
internal sealed class PrivilegedThread : IDisposable
{
    private const CapabilitySet Wanted = CapabilitySet.ReadAnyFile | CapabilitySet.BindLowPort | CapabilitySet.RawNetwork;

    private readonly BlockingCollection<Action> _work = [];
    private CapabilitySet _kept = Wanted;
    private bool _unprivileged;
    private BlockingCollection<Action>? _checkerThreads;

    private PrivilegedThread()
    {
        using var ready = new ManualResetEventSlim();
        new Thread(() => Run(ready)) { IsBackground = true, Name = "privileged" }.Start();
        ready.Wait();
    }

    /// <summary>Starts the thread. Must be the first statement of the program, on its first thread.</summary>
    internal static PrivilegedThread Start()
    {
        var thread = new PrivilegedThread();
        if (Credentials.EffectiveUser != 0)
        {
            // The raw-socket capability stays for the checkers, which get it as an ambient capability if the server has it.
            var rest = Capabilities.Permitted & CapabilitySet.RawNetwork;
            _ = Capabilities.Restrict(rest, CapabilitySet.None, rest);
            RestrictFinalizerThread(rest);
            _ = thread.Run(() => thread._unprivileged = true);
        }

        StartSocketThread();
        return thread;
    }

    /// <summary>
    /// Runs work with the privileges in effect; the caller waits. The work must not start a thread (except <see cref="CheckerThreads"/>) or
    /// anything that keeps running, because a thread inherits the capabilities of its creator.
    /// </summary>
    internal T Run<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        using var done = new ManualResetEventSlim();
        _work.Add(() =>
        {
            try
            {
                PutIntoEffect(_kept);
                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }

            PutIntoEffect(CapabilitySet.None);
            done.Set();
        });
        done.Wait();
        failure?.Throw();
        return result!;
    }

    /// <summary>Drops all privileges except reading files. Called when the process runs as its own user and the socket is bound.</summary>
    internal void Settle() => _ = Run(() =>
    {
        _unprivileged = Credentials.EffectiveUser != 0;
        return _kept = CapabilitySet.ReadAnyFile;
    });

    /// <summary>
    /// Creates the threads that start checkers. They and the programs that they execute may send pings if this program may; they have no
    /// other privilege. Called when the process runs as its own user, before <see cref="Settle"/>.
    /// </summary>
    internal ThreadStarter CheckerThreads()
    {
        // After a change of user, threads have no capabilities, or only inheritable ones.
        if (Credentials.EffectiveUser == 0 || !Run(() => Capabilities.Permitted.HasFlag(CapabilitySet.RawNetwork)))
            return StartThread;
        var wishes = _checkerThreads = [];
        using var ready = new ManualResetEventSlim();
        // Runs on this thread, because the new thread inherits its capabilities.
        _ = Run(() =>
        {
            StartThread("checkers", () =>
            {
                _ = Capabilities.HandDown(CapabilitySet.RawNetwork);
                ready.Set();
                foreach (var wish in wishes.GetConsumingEnumerable())
                    wish();
            });
            return true;
        });
        ready.Wait();
        return (name, run) => wishes.Add(() => StartThread(name, run));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _work.CompleteAdding();
        _checkerThreads?.CompleteAdding();
    }

    private static void StartThread(string name, Action run) => new Thread(() => run()) { IsBackground = true, Name = name }.Start();

    /// <summary>
    /// Makes the finalizer thread, which the runtime started before ours, drop its capabilities too, by finalizing an object on it.
    /// </summary>
    private static void RestrictFinalizerThread(CapabilitySet rest)
    {
        Abandon(rest);
        GC.Collect();
        GC.WaitForPendingFinalizers();

        // Not inlined, so that no reference to the object stays on this stack.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Abandon(CapabilitySet rest) => _ = new Restriction(rest);
    }

    /// <summary>
    /// Starts the runtime's socket thread, which serves all sockets and starts with the first one. It must not be created by the privileged
    /// thread.
    /// </summary>
    private static void StartSocketThread()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        using var canceled = new CancellationTokenSource();
        var received = socket.ReceiveAsync(new byte[1], SocketFlags.None, canceled.Token);
        canceled.Cancel();
        // No peer can send to this socket; the outcome does not matter.
        _ = received.AsTask().ContinueWith(static t => t.Exception, TaskScheduler.Default);
    }

    private void Run(ManualResetEventSlim ready)
    {
        _ = Capabilities.KeepOverChangeOfUser();
        ready.Set();
        foreach (var work in _work.GetConsumingEnumerable())
            work();
        _work.Dispose();
    }

    /// <summary>
    /// Changes the effective capabilities. Does nothing as root, which does not need this and has not dropped anything yet.
    /// </summary>
    private void PutIntoEffect(CapabilitySet effective)
    {
        if (!_unprivileged)
            return;
        var permitted = Capabilities.Permitted & _kept;
        _ = Capabilities.Restrict(permitted, effective & permitted, CapabilitySet.None);
    }

    private sealed class Restriction(CapabilitySet rest)
    {
        ~Restriction() => _ = Capabilities.Restrict(rest, CapabilitySet.None, rest);
    }
}
