namespace Mandos.Keygen.Failures;

/// <summary>The program cannot do what was requested; the message says why, in the user's terms, and the hint what to do.</summary>
internal class KeygenException(string message, string? hint = null) : Exception(message)
{
    public string? Hint { get; } = hint;
}

/// <summary>The answer of another machine is missing: what was requested there may be done, or not, or it may still be done.</summary>
internal sealed class MissingAnswerException(string message, string? hint = null) : KeygenException(message, hint);
