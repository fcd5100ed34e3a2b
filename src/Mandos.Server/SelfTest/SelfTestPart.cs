namespace Mandos.Server.SelfTest;

/// <summary>A part of the self test.</summary>
/// <param name="Name">The subject, in one word.</param>
/// <param name="RunAsync">Completes on success; otherwise throws, usually a <see cref="SelfTestFailure"/>.</param>
internal sealed record SelfTestPart(string Name, Func<CancellationToken, Task> RunAsync)
{
    /// <summary>Creates a synchronous part.</summary>
    internal SelfTestPart(string name, Action run)
        : this(name, _ =>
        {
            run();
            return Task.CompletedTask;
        })
    {
    }
}

/// <summary>A result is not as expected; the message says what.</summary>
internal sealed class SelfTestFailure(string message) : Exception(message)
{
    /// <summary>Fails with the message unless the condition holds.</summary>
    internal static void Unless(bool isRight, string message)
    {
        if (!isRight)
            throw new SelfTestFailure(message);
    }

    /// <summary>Fails unless two texts are equal.</summary>
    internal static void UnlessSame(string expected, string? actual, string what) =>
        Unless(expected == actual, $"{what}: '{actual ?? "nothing"}' instead of '{expected}'");
}
