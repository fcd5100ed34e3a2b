namespace Mandos.Core.Linux.Processes;

/// <summary>A descriptor of this process that the child gets under a number of its choice (0 to 2: its standard streams).</summary>
public readonly record struct InheritedDescriptor(int Source, int Target);

/// <summary>
/// What to execute, and with what. Descriptors 0 to 2 are inherited as they are unless mapped; every other descriptor of
/// this process is close-on-exec (the runtime opens them so) and reaches the child by <see cref="Descriptors"/> alone.
/// </summary>
public sealed record ChildCommand
{
    /// <summary>The file to execute, no search in PATH.</summary>
    public required string Path { get; init; }

    /// <summary>argv, the program's own name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment as <c>NAME=value</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>May cross: a source may be the target of another one.</summary>
    public IReadOnlyList<InheritedDescriptor> Descriptors { get; init; } = [];

    /// <summary>
    /// True: the child leads its own process group, so that <see cref="ChildProcess.SignalGroup"/> reaches its children too.
    /// </summary>
    public bool NewProcessGroup { get; init; }

    /// <summary>
    /// True: the child leads its own session (setsid(2)), out of reach of what happens to this process' terminal and group.
    /// </summary>
    public bool NewSession { get; init; }

    /// <summary>Where the child begins; null: where this process is.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>True: the child gets no descriptor above 2 but the mapped ones, even if another one was left open.</summary>
    public bool ClosesOthers { get; init; }
}
