namespace Mandos.Peers.Machines;

/// <summary>How a program is started.</summary>
public sealed record ProcessOptions
{
    /// <summary>Given to its standard input, which then ends. Null leaves the input open and empty.</summary>
    public byte[]? Input { get; init; } = [];

    /// <summary>Added to the plain environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Receives each line of standard error (and of standard output if <see cref="LogOutput"/>).</summary>
    public Action<string>? Log { get; init; }

    /// <summary>Whether standard output is shown in the log; not for passwords and binary data.</summary>
    public bool LogOutput { get; init; }
}
