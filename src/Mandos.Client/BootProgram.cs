using Mandos.Client.CommandLine;
using Mandos.Client.Separation;
using Mandos.Client.Supervision;
using Mandos.Core.Linux;

namespace Mandos.Client;

/// <summary>
/// The one executable of early boot under its several names: by a link of that name, or as the first argument of
/// <c>mandos-client</c>.
/// </summary>
internal static class BootProgram
{
    /// <summary>The program that this version holds.</summary>
    internal const string Name = "mandos-client";

    private const int StandardOutput = 1;

    // Part of the design, not of this version: told plainly, never pretended.
    private static readonly string[] OfLaterVersions = ["plugin-runner", "password-prompt", "plymouth", "askpass-fifo", "password-agent"];

    /// <summary>Runs to the end. A signal that asked for the end is the way the process dies after that.</summary>
    internal static async Task<int> RunAsync(string invokedAs, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0 && arguments[0] == NetworkProcessSettings.Role)
            return await NetworkProcessProgram.RunAsync([.. arguments.Skip(1)], TimeProvider.System);
        if (LaterProgram(invokedAs, arguments) is { } later)
        {
            new Messages(Name, debug: false).Error($"{later} is not in this version");
            return ExitCode.Unavailable;
        }

        return await SuperviseAsync(arguments);
    }

    /// <summary>The program asked for, if this version does not hold it.</summary>
    internal static string? LaterProgram(string invokedAs, IReadOnlyList<string> arguments)
    {
        var name = Path.GetFileName(invokedAs);
        if (OfLaterVersions.Contains(name))
            return name;
        return arguments.Count > 0 && OfLaterVersions.Contains(arguments[0]) ? arguments[0] : null;
    }

    private static async Task<int> SuperviseAsync(IReadOnlyList<string> arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var options = new ClientCommandLine().Parse(arguments, output, error, out var exitCode);
        if (options is null)
        {
            new Messages(Name, debug: false, StandardOutput).Write(output.ToString());
            new Messages(Name, debug: false).Write(error.ToString());
            return exitCode;
        }

        SignalDisposition.IgnoreBrokenPipes();
        using var signals = new TerminationSignals();
        try
        {
            exitCode = await new Supervisor(options, new Messages(Name, options.Debug), TimeProvider.System).RunAsync(signals.Requested);
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
