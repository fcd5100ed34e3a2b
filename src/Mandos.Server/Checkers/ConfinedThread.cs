using System.Runtime.ExceptionServices;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;

namespace Mandos.Server.Checkers;

/// <summary>
/// A thread under landlock and a system call filter. It starts programs, which remain under its rules even after it has ended.
/// </summary>
/// <remarks>
/// A thread that it starts inherits its rules, and queueing work for the thread pool may start one. It therefore does only what it is
/// given, and its callers block.
/// </remarks>
internal sealed class ConfinedThread
{
    /// <summary>The queue; its monitor is also the thread's lock. A blocking collection would spin before each wait.</summary>
    private readonly Queue<Action> _work = [];
    private bool _ends;

    private ConfinedThread(FileStamp[]? stamp) => Stamp = stamp;

    /// <summary>The state of the directories when the rules were made.</summary>
    internal FileStamp[]? Stamp { get; }

    /// <summary>Why there is no system call filter; null if there is one.</summary>
    internal string? Unfiltered { get; private set; }

    /// <summary>
    /// Starts the thread, with only the system call filter if <paramref name="ruleset"/> is null; null, with the reason, if that is not
    /// possible.
    /// </summary>
    internal static ConfinedThread? TryStart(ThreadStarter startThread, LandlockRuleset? ruleset, FileStamp[]? stamp, out string reason)
    {
        var confined = new ConfinedThread(stamp);
        using var entered = new ManualResetEventSlim();
        string? problem = null;
        startThread("checkers", () =>
        {
            problem = confined.Enter(ruleset);
            var isIn = problem is null;
            entered.Set();
            if (isIn)
                confined.Work();
        });
        entered.Wait();
        reason = problem ?? "";
        return problem is null ? confined : null;
    }

    /// <summary>Runs an action on the thread.</summary>
    internal T Run<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        using var done = new ManualResetEventSlim(initialState: false, spinCount: 0);
        Add(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }

            done.Set();
        });
        done.Wait();
        failure?.Throw();
        return result!;
    }

    /// <summary>Ends the thread after the queued work.</summary>
    internal void End()
    {
        lock (_work)
        {
            _ends = true;
            Monitor.Pulse(_work);
        }
    }

    /// <summary>
    /// Applies the rules; returns the reason if that fails, otherwise null. Runs on the thread itself, which alone has the privileges that
    /// checkers get.
    /// </summary>
    private string? Enter(LandlockRuleset? ruleset)
    {
        if (!MayForbidNewPrivileges())
            return "fping would lose its permission to send pings; hint: 'sysctl net.ipv4.ping_group_range=\"0 2147483647\"' lets every "
                + "group send them";
        var error = Capabilities.ForbidNewPrivileges();
        if (error.Ok && ruleset is not null)
            error = ruleset.Enforce();
        if (!error.Ok)
            return $"landlock: {error}";
        error = Seccomp.ApplyToThread(CheckerFilter.Build());
        Unfiltered = error.Ok ? null : $"seccomp: {error}";
        return null;
    }

    /// <summary>
    /// Whether new privileges can be forbidden. Without new privileges, the file capabilities and the set-user-ID bit of a program have no
    /// effect, including those of fping.
    /// </summary>
    /// <remarks>In a container without CAP_NET_RAW they have no effect in any case.</remarks>
    private static bool MayForbidNewPrivileges() =>
        Capabilities.AreNewPrivilegesForbidden
        || !Capabilities.CanBeGained(CapabilitySet.RawNetwork)
        || Capabilities.Permitted.HasFlag(CapabilitySet.RawNetwork)
        || PingGroups.Contain(Credentials.RealGroup);

    private void Add(Action work)
    {
        lock (_work)
        {
            ObjectDisposedException.ThrowIf(_ends, this);
            _work.Enqueue(work);
            Monitor.Pulse(_work);
        }
    }

    private void Work()
    {
        while (Next() is { } work)
            work();
    }

    /// <summary>Waits for the next action; null if there will be none.</summary>
    private Action? Next()
    {
        lock (_work)
        {
            while (_work.Count == 0)
            {
                if (_ends)
                    return null;
                _ = Monitor.Wait(_work);
            }

            return _work.Dequeue();
        }
    }
}
