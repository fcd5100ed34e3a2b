namespace Mandos.Core.Linux.Processes;

/// <summary>A descriptor of this process that the child gets under a number of its choice (0 to 2: its standard streams).</summary>
public readonly record struct InheritedDescriptor(int Source, int Target);

/// <summary>
/// The command to execute. Descriptors 0 to 2 are inherited unless mapped; all other descriptors of this process are close-on-exec (the
/// runtime opens them so) and reach the child only through <see cref="Descriptors"/>.
/// </summary>
public sealed record ChildCommand
{
    /// <summary>The file to execute; PATH is not searched.</summary>
    public required string Path { get; init; }

    /// <summary>argv, the program's own name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment as <c>NAME=value</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>The descriptors to map; a source may be the target of another one.</summary>
    public IReadOnlyList<InheritedDescriptor> Descriptors { get; init; } = [];

    /// <summary>
    /// Whether the child leads a process group of its own, so that <see cref="ChildProcess.SignalGroup"/> reaches its children too.
    /// </summary>
    public bool NewProcessGroup { get; init; }

    /// <summary>
    /// Whether the child leads a session of its own (setsid(2)), so that events of this process's terminal and group do not affect it.
    /// </summary>
    public bool NewSession { get; init; }

    /// <summary>The working directory of the child; null for that of this process.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether the child gets only mapped descriptors above 2, even if others were left open.</summary>
    public bool ClosesOthers { get; init; }
}
