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

/// <summary>Something is not what it must be; the message says what.</summary>
internal sealed class SelfTestFailure(string message) : Exception(message)
{
    /// <summary>Fails with what there is if it is not what it must be.</summary>
    internal static void Unless(bool isRight, string message)
    {
        if (!isRight)
            throw new SelfTestFailure(message);
    }

    /// <summary>The same for two texts.</summary>
    internal static void UnlessSame(string expected, string? actual, string what) =>
        Unless(expected == actual, $"{what}: '{actual ?? "nothing"}' instead of '{expected}'");
}
