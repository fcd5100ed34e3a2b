namespace Mandos.Core.Linux.Processes;

/// <summary>How a child ended.</summary>
public readonly record struct ChildExit
{
    private ChildExit(int? exitCode, int? signal) => (ExitCode, Signal) = (exitCode, signal);

    /// <summary>Its exit code, 0 to 255; null if a signal ended it.</summary>
    public int? ExitCode { get; }

    /// <summary>The number of the signal that ended it; null if it exited.</summary>
    public int? Signal { get; }

    /// <summary>True after exit code 0.</summary>
    public bool Success => ExitCode == 0;

    /// <summary>An ordinary exit.</summary>
    public static ChildExit Exited(int code) => new(code, null);

    /// <summary>An end by a signal.</summary>
    public static ChildExit Killed(int signal) => new(null, signal);

    /// <summary>Converts the status of waitpid(2): code &lt;&lt; 8, or the number of the signal (with 0x80 for a core dump).</summary>
    public static ChildExit FromWaitStatus(int status) =>
        (status & 0x7f) == 0 ? Exited((status >> 8) & 0xff) : Killed(status & 0x7f);

    /// <inheritdoc />
    public override string ToString() => Signal is { } signal ? $"killed by signal {signal}" : $"exit status {ExitCode}";
}
