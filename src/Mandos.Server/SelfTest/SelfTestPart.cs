namespace Mandos.Server.SelfTest;

/// <summary>A part of the self test.</summary>
/// <param name="Name">What it is about, in one word.</param>
/// <param name="RunAsync">Completes if all is well; throws otherwise, in most cases a <see cref="SelfTestFailure"/>.</param>
internal sealed record SelfTestPart(string Name, Func<CancellationToken, Task> RunAsync)
{
    /// <summary>One that waits for nothing.</summary>
    internal SelfTestPart(string name, Action run)
        : this(name, _ =>
        {
            run();
            return Task.CompletedTask;
        })
    {
    }
}
