namespace Mandos.BusClient;

/// <summary>A failed call to the server, with a message and a hint for an operator.</summary>
public sealed class BusFailure : Exception
{
    /// <param name="kind">What failed.</param>
    /// <param name="message">What happened: one line, lower case, no full stop.</param>
    /// <param name="hint">What to do; null if there is nothing to do.</param>
    public BusFailure(BusFailureKind kind, string message, string? hint = null)
        : base(message)
    {
        Kind = kind;
        Hint = hint;
    }

    /// <summary>What failed.</summary>
    public BusFailureKind Kind { get; }

    /// <summary>What to do; null if there is nothing to do.</summary>
    public string? Hint { get; }
}

/// <summary>What failed.</summary>
public enum BusFailureKind
{
    /// <summary>The bus cannot be reached, or the connection was lost.</summary>
    Bus,

    /// <summary>No server has the name on the bus.</summary>
    NoServer,

    /// <summary>The program that has the name is not a Mandos server.</summary>
    NotMandos,

    /// <summary>The bus or the server does not permit it.</summary>
    NoPermission,

    /// <summary>No answer within the time limit.</summary>
    TimedOut,

    /// <summary>The server reported an error.</summary>
    Refused,
}
