namespace Mandos.Core.Linux;

/// <summary>Runs blocking work on a thread of its own, because the pool has few threads.</summary>
public static class BlockingTask
{
    /// <summary>Starts the work.</summary>
    /// <exception cref="TaskSchedulerException">The system refused a new thread.</exception>
    public static Task Run(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc cref="Run(Action)" />
    public static Task<T> Run<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
