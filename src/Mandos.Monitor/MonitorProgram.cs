using Mandos.BusClient;
using Mandos.CommandLine;
using Mandos.Monitor.Device;
using Mandos.Monitor.Drawing;

namespace Mandos.Monitor;

/// <summary>
/// The program from its arguments to its exit code: 0 when the operator quits, 1 without a usable terminal, 2 for an invalid command line,
/// 128 and the number of a signal that ended it by force.
/// </summary>
internal static class MonitorProgram
{
    private const string Name = "mandos-monitor";
    private const int Failure = 1;
    private const int Usage = 2;

    /// <summary>The time limit of connecting and of each call.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(25);

    internal static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, TextWriter output, TextWriter error, Func<string, string?> variable)
    {
        var program = new GnuProgram(
            Name, "Shows the clients of the Mandos server on this machine, and what happens to them; the keys are in its help screen (?).",
            Usage, helpAliases: ["-h"]);
        if (program.Parse(arguments, output, error, out var exitCode) is null)
            return exitCode;
        if (TerminalSettings.Of(0) is not { } before || TerminalSettings.Of(1) is null)
        {
            program.Error(error, "standard input and output are not a terminal", "for scripts there is 'mandos-ctl watch'");
            return Failure;
        }

        if (TerminalFeatures.Of(variable) is not { } features)
        {
            program.Error(error, "TERM is not set, or this terminal cannot position its cursor", "try 'mandos-ctl watch'");
            return Failure;
        }

        if (!TerminalGuard.EnterGuarded() && await TerminalGuard.RunAsync(arguments, before, features).ConfigureAwait(false) is { } code)
            return code;
        var bus = variable("DBUS_SYSTEM_BUS_ADDRESS");
        using var session = new MonitorSession(
            features, before, cancellationToken => ServerConnection.OpenAsync(bus, Limit, cancellationToken), TimeProvider.System);
        await session.RunAsync().ConfigureAwait(false);
        return 0;
    }
}
