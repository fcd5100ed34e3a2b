using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Mandos.Core.Linux.Privileges;
using Mandos.Server.Checkers;

namespace Mandos.Server.Startup;

/// <summary>
/// The one thread that may do more than the user that the server is: bind its socket, and read configuration files whichever user
/// owns them, at the start and at each reload. In between these rights are not in effect, and no other thread has them, nor
/// does any checker. Without rights to keep it is an ordinary thread.
/// </summary>
/// <remarks>
/// Rights belong to threads. Started as root, this thread keeps two over the change of user while all others lose everything.
/// Started as an ordinary user with ambient rights (AmbientCapabilities= of systemd), it has them from the thread that makes
/// it, which must be the first of the program and gives them up then: all later threads come from that one.
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

    /// <summary>First statement of the program, on its first thread.</summary>
    internal static PrivilegedThread Start()
    {
        var thread = new PrivilegedThread();
        if (Credentials.EffectiveUser != 0)
        {
            // Raw sockets stay for the checkers, which get them as ambient right if that was given.
            var rest = Capabilities.Permitted & CapabilitySet.RawNetwork;
            _ = Capabilities.Restrict(rest, CapabilitySet.None, rest);
            RestrictFinalizerThread(rest);
            _ = thread.Run(() => thread._unprivileged = true);
        }

        StartSocketThread();
        return thread;
    }

    /// <summary>
    /// Does something with the rights in effect; the caller waits. What is done starts no thread (but see
    /// <see cref="CheckerThreads"/>) and nothing that runs on: a thread inherits the rights of the one that starts it.
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

    /// <summary>The process has become its own user, and its socket is bound: only the reading of files is kept.</summary>
    internal void Settle() => _ = Run(() =>
    {
        _unprivileged = Credentials.EffectiveUser != 0;
        return _kept = CapabilitySet.ReadAnyFile;
    });

    /// <summary>
    /// Makes the threads that checkers are started from: they may send pings, and have programs that they execute send them,
    /// where this program may; nothing else. Called when the process is its own user, before it has settled.
    /// </summary>
    internal ThreadStarter CheckerThreads()
    {
        // Threads of another user have no rights, or what was given to be handed down.
        if (Credentials.EffectiveUser == 0 || !Run(() => Capabilities.Permitted.HasFlag(CapabilitySet.RawNetwork)))
            return StartThread;
        var wishes = _checkerThreads = [];
        using var ready = new ManualResetEventSlim();
        // From this thread, whose rights it inherits, and where it takes the only place that they are used at.
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

    /// <summary>The one thread that the runtime started before ours gives them up too, by finalizing something.</summary>
    private static void RestrictFinalizerThread(CapabilitySet rest)
    {
        Abandon(rest);
        GC.Collect();
        GC.WaitForPendingFinalizers();

        // Not inlined: nothing on this stack may hold it.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Abandon(CapabilitySet rest) => _ = new Restriction(rest);
    }

    /// <summary>The runtime has one thread for all sockets, started with the first; that must not be on the thread with rights.</summary>
    private static void StartSocketThread()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        using var canceled = new CancellationTokenSource();
        var received = socket.ReceiveAsync(new byte[1], SocketFlags.None, canceled.Token);
        canceled.Cancel();
        // No peer can send to it; the outcome of the attempt does not matter.
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

    /// <summary>Root needs nothing of this; and while it is root nothing is given up.</summary>
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
