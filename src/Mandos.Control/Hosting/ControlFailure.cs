namespace Mandos.Control.Hosting;

/// <summary>What was asked for cannot be done.</summary>
internal sealed class ControlFailure(string message, string? hint = null) : Exception(message)
{
    /// <summary>Several errors with one hint.</summary>
    internal ControlFailure(IReadOnlyList<string> messages, string hint)
        : this(messages[0], hint) => Messages = messages;

    /// <summary>One line each.</summary>
    public IReadOnlyList<string> Messages { get; } = [message];

    public string? Hint { get; } = hint;
}
