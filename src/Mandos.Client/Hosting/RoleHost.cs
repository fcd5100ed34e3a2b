using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Hosting;

/// <summary>What every role of the boot executable does around its own work: its command line, its signals, and its end.</summary>
internal static class RoleHost
{
    private const int StandardOutput = 1;

    /// <summary>Reads a command line.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="output">For help and version.</param>
    /// <param name="error">For what is wrong.</param>
    /// <param name="exitCode">How the program ends if the result is null.</param>
    internal delegate T? Parser<out T>(TextWriter output, TextWriter error, out int exitCode);

    /// <summary>
    /// Reads a command line and prints what there is to say about it. Null: the program ends with <paramref name="exitCode"/>.
    /// A console or pipe that takes nothing is not waited for.
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
    /// Runs a role that stops when a signal asks for it. When everything is undone, the process dies of that signal, as its parent
    /// expects.
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
            // Undone.
        }

        if (signals.First != 0)
            SignalDisposition.DieOf(signals.First);
        return exitCode;
    }
}
