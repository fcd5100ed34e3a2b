namespace Mandos.Server.Store;

/// <summary>The store cannot do what it was asked; the message says what and why, in the style of the log.</summary>
internal sealed class StoreException(string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What to do about it.</summary>
    internal string? Hint { get; } = hint;
}
