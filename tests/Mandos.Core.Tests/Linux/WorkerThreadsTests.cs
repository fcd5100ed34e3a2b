using Mandos.Core.Linux.Processes;

namespace Mandos.Core.Tests.Linux;

/// <summary>What happens without threads is in <c>tests/Interop/Clients/ClientMessageTests</c>, with a system that refuses them.</summary>
public sealed class WorkerThreadsTests
{
    [Fact]
    public async Task The_exit_code_of_a_program_is_passed_on()
    {
        var begun = new TaskCompletionSource();
        var program = new TaskCompletionSource<int>();
        var result = Task.Factory.StartNew(
            () => Wait(begun, program), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await begun.Task;
        program.SetResult(71);
        Assert.Equal(71, await result);
    }

    [Fact]
    public void An_exception_of_a_program_is_rethrown_unchanged() =>
        Assert.Throws<IOException>(() => WorkerThreads.ResultOf(Task.FromException<int>(new IOException())));

    private static int Wait(TaskCompletionSource begun, TaskCompletionSource<int> program)
    {
        begun.SetResult();
        return WorkerThreads.ResultOf(program.Task);
    }
}
