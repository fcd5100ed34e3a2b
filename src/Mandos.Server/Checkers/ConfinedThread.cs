using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Mandos.Core.Linux;

namespace Mandos.Server.Checkers;

/// <summary>A thread under landlock. It starts programs; they stay under its rules, also when it has ended.</summary>
/// <remarks>
/// A thread that it starts has its rules too, and whoever queues work for the thread pool may start one: so it does nothing
/// but what it is given, and others wait for it, blocking.
/// </remarks>
internal sealed class ConfinedThread
{
    private readonly BlockingCollection<Action> _work = [];

    private ConfinedThread(string? stamp) => Stamp = stamp;

    /// <summary>What the directories were like that its rules were made for.</summary>
    internal string? Stamp { get; }

    /// <summary>Starts it; null if the kernel refused.</summary>
    internal static ConfinedThread? TryStart(ThreadStarter startThread, LandlockRuleset ruleset, string? stamp, out Errno error)
    {
        var confined = new ConfinedThread(stamp);
        using var entered = new ManualResetEventSlim();
        var result = Errno.None;
        startThread("checkers", () =>
        {
            result = Enter(ruleset);
            var isIn = result.Ok;
            entered.Set();
            if (isIn)
                confined.Work();
        });
        entered.Wait();
        error = result;
        return error.Ok ? confined : null;
    }

    /// <summary>Does something on the thread.</summary>
    internal T Run<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        using var done = new ManualResetEventSlim();
        _work.Add(() =>
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

    /// <summary>It ends when all is done.</summary>
    internal void End() => _work.CompleteAdding();

    private static Errno Enter(LandlockRuleset ruleset)
    {
        var error = Capabilities.ForbidNewPrivileges();
        return error.Ok ? ruleset.Enforce() : error;
    }

    private void Work()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            work();
        _work.Dispose();
    }
}
