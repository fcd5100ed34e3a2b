namespace Mandos.Server.Clients;

/// <summary>The store cannot do what it was asked; the message says what and why, in the style of the log.</summary>
internal sealed class StoreException(string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What to do about it.</summary>
    internal string? Hint { get; } = hint;

    /// <summary>
    /// It is the disk or the directory, not what stands there: what was saved may still be readable, and writing may work again.
    /// </summary>
    internal bool IsAboutDisk { get; init; }

    /// <summary>There is no state directory, so there is nothing that was saved.</summary>
    internal bool IsAboutAbsence { get; init; }
}
