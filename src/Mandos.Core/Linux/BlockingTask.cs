namespace Mandos.Core.Linux;

/// <summary>Work that blocks, on a thread of its own: the threads of the pool are few.</summary>
public static class BlockingTask
{
    /// <summary>Starts it.</summary>
    /// <exception cref="TaskSchedulerException">The system has no thread to spare.</exception>
    public static Task Run(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc cref="Run(Action)" />
    public static Task<T> Run<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
