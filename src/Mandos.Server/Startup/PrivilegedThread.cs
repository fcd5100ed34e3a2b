using System.Collections.Concurrent;
using Mandos.Core.Linux;

namespace Mandos.Server.Startup;

/// <summary>
/// The one thread that may do more than the user that the server is: bind its socket, and read configuration files whoever
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
        if (Credentials.EffectiveUser == 0)
            return thread;
        // Raw sockets stay for the checkers, which get them as ambient right if that was given.
        var rest = Capabilities.Permitted & CapabilitySet.RawNetwork;
        _ = Capabilities.Restrict(rest, CapabilitySet.None, rest);
        _ = thread.RunAsync(() => thread._unprivileged = true);
        return thread;
    }

    /// <summary>Does something with the rights in effect.</summary>
    internal Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                PutIntoEffect(_kept);
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
            finally
            {
                PutIntoEffect(CapabilitySet.None);
            }
        });
        return done.Task;
    }

    /// <summary>The process has become its own user, and its socket is bound: only the reading of files is kept.</summary>
    internal Task SettleAsync() => RunAsync(() =>
    {
        _unprivileged = Credentials.EffectiveUser != 0;
        return _kept = CapabilitySet.ReadAnyFile;
    });

    /// <inheritdoc />
    public void Dispose() => _work.CompleteAdding();

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
}
