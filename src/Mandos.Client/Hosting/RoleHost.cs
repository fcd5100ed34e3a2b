using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Hosting;

/// <summary>What all roles of the boot executable have in common: the command line, signals, and the exit.</summary>
internal static class RoleHost
{
    private const int StandardOutput = 1;

    /// <summary>Parses a command line.</summary>
    /// <typeparam name="T">The parsed options.</typeparam>
    /// <param name="output">For help and version.</param>
    /// <param name="error">For errors.</param>
    /// <param name="exitCode">The exit code if the result is null.</param>
    internal delegate T? Parser<out T>(TextWriter output, TextWriter error, out int exitCode);

    /// <summary>
    /// Parses a command line and prints messages about it. If the result is null, the program exits with <paramref name="exitCode"/>. A
    /// console or pipe that is not read is not waited for.
    /// </summary>
    internal static T? Parse<T>(string role, Parser<T> parse, out int exitCode)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var options = parse(output, error, out exitCode);
        new Messages(role, debug: false, StandardOutput).Write(output.ToString());
        new Messages(role, debug: false).Write(error.ToString());
        return options;
    }

    /// <summary>
    /// Runs a role that a signal can stop. When everything is undone, the process dies of that signal, as its parent expects.
    /// </summary>
    internal static async Task<int> RunAsync(Func<CancellationToken, Task<int>> run)
    {
        SignalDisposition.IgnoreBrokenPipes();
        using var signals = new TerminationSignals();
        var exitCode = ExitCode.Success;
        try
        {
            exitCode = await run(signals.Requested);
        }
        catch (OperationCanceledException) when (signals.First != 0)
        {
            // Everything is undone.
        }

        if (signals.First != 0)
            SignalDisposition.DieOf(signals.First);
        return exitCode;
    }
}
