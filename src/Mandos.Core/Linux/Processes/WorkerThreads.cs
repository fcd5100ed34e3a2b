using Mandos.Core.Durations;

namespace Mandos.Core.Linux.Processes;

/// <summary>
/// The threads that tasks run on. When there is work, the runtime requests a thread from the system, and does not retry if that is refused:
/// the work then waits until something else causes a request. If a program's only thread is refused, it would wait forever.
/// </summary>
public static class WorkerThreads
{
    private const int MostTries = 10, MostWorkers = 64;

    private static readonly TimeSpan Shortest =
        TimeSpan.FromSeconds(0.5), Longest = TimeSpan.FromSeconds(8), Pause = TimeSpan.FromSeconds(1);

    /// <summary>Waits for the result of a program, on its main thread, and makes the runtime retry while there is no thread.</summary>
    /// <exception cref="InsufficientMemoryException">The system refused a thread.</exception>
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

    /// <summary>Whether a thread runs queued work, or the program has ended meanwhile.</summary>
    private static bool HasThread(Task program)
    {
        var probe = new TaskCompletionSource();
        Try(() => ThreadPool.UnsafeQueueUserWorkItem(static probe => probe.SetResult(), probe, preferLocal: false));
        for (var tries = 1; Task.WaitAny([program, probe.Task], Pause) < 0; tries++)
        {
            // The runtime checks waiting work only if the minimum grows. It counts a thread that it did not get.
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
