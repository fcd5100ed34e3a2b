using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Checkers;

/// <summary>Starts a thread; the thread that does it decides about the rights of the new one.</summary>
internal delegate void ThreadStarter(string name, Action run);

/// <summary>
/// Starts checkers from a thread that landlock keeps away from what is the server's alone: what a thread may not do, no
/// program may that it starts. So nothing has to be done between fork and exec, and a check costs no second program. Not for
/// two threads at once.
/// </summary>
/// <remarks>
/// Rules belong to files that are there when they are made. So the thread with the rules is replaced when one of the
/// directories on the way to what is forbidden has changed: /etc/resolv.conf may be a new file every hour.
/// </remarks>
/// <param name="forbidden">What is kept from checkers.</param>
/// <param name="startThread">Starts threads with the rights that checkers are to have.</param>
/// <param name="log">Gets one line if checkers cannot be confined.</param>
internal sealed class CheckerLauncher(ForbiddenFiles forbidden, ThreadStarter startThread, ILogger log) : IDisposable
{
    /// <summary>A file system that hangs must not keep all clients from being checked.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private ConfinedThread? _confined;
    private Task _making = Task.CompletedTask;
    private bool _isImpossible;
    private bool _wasTold;

    /// <summary>Does something that starts a program; waits for it.</summary>
    internal T Run<T>(Func<T> start) => Confined() is { } thread ? thread.Run(start) : start();

    /// <inheritdoc />
    public void Dispose() => _confined?.End();

    /// <summary>The thread for the next checker; null: any, as confining is not possible.</summary>
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
            // It keeps the rules if it hangs: they are in its hands.
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

    /// <summary>It will not work the next time either.</summary>
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
        return null;
    }
}
