using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Checkers;

/// <summary>Starts a thread. The thread that starts it determines the privileges of the new one.</summary>
internal delegate void ThreadStarter(string name, Action run);

/// <summary>
/// Starts checkers from a thread that landlock keeps away from the server's own files: the programs that a thread starts inherit its
/// restrictions. So nothing needs to be done between fork and exec, and a check costs no second program. Not thread-safe.
/// </summary>
/// <remarks>
/// Landlock rules apply to files that exist when the rules are made. The confined thread is therefore replaced when a directory on the path
/// to a forbidden file has changed: /etc/resolv.conf may be a new file every hour.
/// </remarks>
/// <param name="forbidden">What checkers may not access.</param>
/// <param name="startThread">Starts threads with the privileges that checkers should have.</param>
/// <param name="log">Gets one line if checkers cannot be confined.</param>
internal sealed class CheckerLauncher(ForbiddenFiles forbidden, ThreadStarter startThread, ILogger log) : IDisposable
{
    /// <summary>The time limit for making rules, so that a hanging file system does not prevent all checks.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private ConfinedThread? _confined;
    private Task _making = Task.CompletedTask;
    private bool _isImpossible;
    private bool _wasTold;

    /// <summary>Runs an action that starts a program, and waits for it.</summary>
    internal T Run<T>(Func<T> start) => Confined() is { } thread ? thread.Run(start) : start();

    /// <inheritdoc />
    public void Dispose() => _confined?.End();

    /// <summary>Returns the thread for the next checker; null for any thread, if confinement is not possible.</summary>
    private ConfinedThread? Confined()
    {
        // While an attempt hangs, the old rules are better than none.
        if (_isImpossible || !_making.IsCompleted)
            return _confined;
        var stamp = forbidden.Stamp();
        if (stamp is not null && _confined?.Stamp is { } its && its.AsSpan().SequenceEqual(stamp))
            return _confined;
        if (Make(stamp) is { } renewed)
        {
            _confined?.End();
            if (_confined is null && renewed.Unfiltered is { } reason)
                log.CheckersNotFiltered(reason);
            _confined = renewed;
        }

        return _confined;
    }

    private ConfinedThread? Make(FileStamp[]? stamp)
    {
        var error = LandlockRuleset.Create(out var ruleset);
        if (ruleset is null)
            return GiveUp($"the kernel has no landlock: {error}");
        try
        {
            var making = Task.Run(() => forbidden.AllowOthers(ruleset));
            _making = making.ContinueWith(static _ => { }, TaskScheduler.Default);
            // If the attempt hangs, it keeps ownership of the ruleset.
            if (!making.Wait(Patience))
                return Fail("the file system does not respond");
        }
        catch (AggregateException e)
        {
            ruleset.Dispose();
            return Fail(SystemFailure.Reason(e));
        }

        using (ruleset)
            return ConfinedThread.TryStart(startThread, ruleset, stamp, out var reason) ?? GiveUp(reason);
    }

    /// <summary>Gives up confinement, because it will not work the next time either.</summary>
    private ConfinedThread? GiveUp(string reason)
    {
        _isImpossible = true;
        return Fail(reason);
    }

    private ConfinedThread? Fail(string reason)
    {
        if (_confined is null && !_wasTold)
            log.CheckersNotConfined(reason);
        _wasTold = true;
        // The filter alone still protects the limits and the priority of the server.
        return _confined is null ? ConfinedThread.TryStart(startThread, ruleset: null, stamp: null, out _) : null;
    }
}
