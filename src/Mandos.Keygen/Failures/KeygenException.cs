namespace Mandos.Keygen.Failures;

/// <summary>The program cannot do what it was asked; the message says why, in the words of the user, and the hint what to do.</summary>
internal class KeygenException(string message, string? hint = null) : Exception(message)
{
    public string? Hint { get; } = hint;
}
