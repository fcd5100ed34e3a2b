using Mandos.Client.CommandLine;
using Mandos.Client.Hosting;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Supervision;

/// <summary>The role <c>mandos-client</c>: fetches this machine's password and prints it.</summary>
internal static class ClientProgram
{
    private const int StandardOutput = 1;

    /// <summary>Runs to the end; dies by the signal that asked for the end, when everything is undone.</summary>
    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var options = new ClientCommandLine().Parse(arguments, output, error, out var exitCode);
        if (options is null)
        {
            new Messages(RoleNames.Client, debug: false, StandardOutput).Write(output.ToString());
            new Messages(RoleNames.Client, debug: false).Write(error.ToString());
            return exitCode;
        }

        SignalDisposition.IgnoreBrokenPipes();
        using var signals = new TerminationSignals();
        try
        {
            exitCode = await new Supervisor(options, new Messages(RoleNames.Client, options.Debug), TimeProvider.System).RunAsync(signals.Requested);
        }
        catch (OperationCanceledException) when (signals.First != 0)
        {
            // Undone; the signal is dealt with below.
        }

        if (signals.First != 0)
            SignalDisposition.DieOf(signals.First);
        return exitCode;
    }
}
