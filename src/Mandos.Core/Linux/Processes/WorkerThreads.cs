using Mandos.Core.Durations;

namespace Mandos.Core.Linux.Processes;

/// <summary>
/// The threads that tasks run on. The runtime asks the system for one when there is work, and does not ask again if it is refused:
/// the work then waits until something else makes it ask. A program whose only thread is refused would wait forever.
/// </summary>
public static class WorkerThreads
{
    private const int MostTries = 10, MostWorkers = 64;

    private static readonly TimeSpan Shortest =
        TimeSpan.FromSeconds(0.5), Longest = TimeSpan.FromSeconds(8), Pause = TimeSpan.FromSeconds(1);

    /// <summary>Waits for the result of a program, on its main thread, and makes the runtime ask again while there is no thread.</summary>
    /// <exception cref="InsufficientMemoryException">The system gives no thread.</exception>
    public static T ResultOf<T>(Task<T> program)
    {
        var intervals = new GrowingPause(Shortest, Longest);
        while (Task.WaitAny([program], intervals.Take()) < 0)
        {
            if (!HasThread(program))
                throw new InsufficientMemoryException();
        }

        return program.GetAwaiter().GetResult();
    }

    /// <summary>Whether a thread runs what is queued, or the program ended meanwhile.</summary>
    private static bool HasThread(Task program)
    {
        var probe = new TaskCompletionSource();
        Try(() => ThreadPool.UnsafeQueueUserWorkItem(static probe => probe.SetResult(), probe, preferLocal: false));
        for (var tries = 1; Task.WaitAny([program, probe.Task], Pause) < 0; tries++)
        {
            // The runtime looks at work that waits only if the minimum grows. It counts a thread that it did not get.
            ThreadPool.GetMinThreads(out var workers, out var completion);
            Try(() => workers < MostWorkers && ThreadPool.SetMinThreads(workers + 1, completion));
            // On a busy machine, too, nothing may run for a while.
            if (tries >= MostTries && !Try(StartThread))
                return false;
        }

        return true;
    }

    private static bool StartThread()
    {
        new Thread(static () => { }) { IsBackground = true }.Start();
        return true;
    }

    private static bool Try(Func<bool> start)
    {
        try
        {
            return start();
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }
}
