namespace Mandos.Keygen.Failures;

/// <summary>The program cannot do what was requested; the message says why, in the user's terms, and the hint what to do.</summary>
internal class KeygenException(string message, string? hint = null) : Exception(message)
{
    public string? Hint { get; } = hint;
}
