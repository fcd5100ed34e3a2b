using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Processes;
using Mandos.Monitor.Drawing;

namespace Mandos.Monitor.Device;

/// <summary>
/// Runs the program a second time and waits for it: however that one ends, SIGKILL and crashes included, the terminal is then as it was.
/// </summary>
internal static partial class TerminalGuard
{
    private const string Mark = "MANDOS_MONITOR_GUARDED";
    private const int PR_SET_PDEATHSIG = 1;

    /// <summary>Whether this process is the one that another waits for. It then ends with the other one.</summary>
    internal static bool EnterGuarded()
    {
        if (Environment.GetEnvironmentVariable(Mark) is not { Length: > 0 })
            return false;
        _ = PrCtl(PR_SET_PDEATHSIG, Signals.Term, 0, 0, 0);
        return true;
    }

    /// <summary>Runs the program; returns its exit code, or null if it could not be started.</summary>
    internal static async Task<int?> RunAsync(IReadOnlyList<string> arguments, TerminalSettings before, TerminalFeatures features)
    {
        if (Start(arguments) is not { } child)
            return null;
        using (child)
        {
            ChildExit exit;
            using (Pass(PosixSignal.SIGTERM, Signals.Term, child))
            using (Pass(PosixSignal.SIGHUP, Signals.Hup, child))
            using (Pass(PosixSignal.SIGINT, Signals.Int, child))
            using (Pass(PosixSignal.SIGQUIT, Signals.Quit, child))
                exit = await child.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            if (exit.Signal is not { } signal)
                return exit.ExitCode;
            before.Apply(0);
            _ = DescriptorIo.WriteAll(1, Encoding.ASCII.GetBytes(new ScreenUpdate(features).End), out _);
            await Console.Error.WriteLineAsync($"mandos-monitor: error: ended by signal {signal}").ConfigureAwait(false);
            return 128 + signal;
        }
    }

    private static ChildProcess? Start(IReadOnlyList<string> arguments)
    {
        var environment = new List<string> { $"{Mark}=1" };
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            environment.Add($"{variable.Key}={variable.Value}");
        foreach (var path in OwnExecutable.Paths())
        {
            var command = new ChildCommand { Path = path, Arguments = ["mandos-monitor", .. arguments], Environment = environment };
            if (ChildProcess.TryStart(command, out var child, out _))
                return child;
        }

        return null;
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int PrCtl(int option, nuint argument, nuint unused1, nuint unused2, nuint unused3);

    private static PosixSignalRegistration Pass(PosixSignal signal, int number, ChildProcess child) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            _ = child.Signal(number);
        });
}
