namespace Mandos.Server.SelfTest;

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
