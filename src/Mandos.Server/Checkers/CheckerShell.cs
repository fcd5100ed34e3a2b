using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Server.Checkers;

/// <summary>
/// Starts commands as the original does: <c>/bin/sh -c COMMAND</c> in the root directory with the server's environment and
/// nothing to read; and, other than there, in their own session and with a pipe to print to.
/// </summary>
/// <param name="launcher">Starts them; null: from any thread.</param>
internal sealed class CheckerShell(CheckerLauncher? launcher) : IDisposable
{
    private const string Shell = "/bin/sh";

    /// <summary>The variables that systemd sets only for the server.</summary>
    private static readonly string[] OwnVariables =
        ["NOTIFY_SOCKET=", "WATCHDOG_PID=", "WATCHDOG_USEC=", "LISTEN_PID=", "LISTEN_FDS=", "LISTEN_FDNAMES=", "LISTEN_PIDFDID="];

    private readonly SafeFileHandle _input = EmptyInput.Open();
    private readonly DescriptorWatch _watch = new();
    private readonly string[] _environment =
        [.. ChildEnvironment.InheritedWith([]).Where(v => !Array.Exists(OwnVariables, own => v.StartsWith(own, StringComparison.Ordinal)))];

    /// <summary>
    /// The thread that starts a program waits until it is executed: one at a time, so that a crowd of checks that are due
    /// at once does not keep all threads from what else there is to do.
    /// </summary>
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Where output and ends are waited for.</summary>
    internal DescriptorWatch Watch => _watch;

    /// <summary>Starts a command; null, with the reason, if that is not possible now.</summary>
    internal async Task<(StartedChecker? Started, Errno Error)> StartAsync(string command, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return launcher is null ? Start(command) : launcher.Run(() => Start(command));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _watch.Dispose();
        _input.Dispose();
        _turn.Dispose();
    }

    private (StartedChecker?, Errno) Start(string command)
    {
        var error = Descriptor.Pipe(out var output, out var printed);
        if (!error.Ok)
            return (null, error);
        using (printed)
        {
            var child = new ChildCommand
            {
                Path = Shell,
                Arguments = [Shell, "-c", command],
                Environment = _environment,
                WorkingDirectory = "/",
                Descriptors = [new((int)_input.DangerousGetHandle(), 0), new(printed.Number, 1), new(printed.Number, 2)],
                ClosesOthers = true,
                // Without a terminal, too: ssh would stop and prompt for a password there.
                NewSession = true,
            };
            if (ChildProcess.TryStart(child, _watch, out var process, out error))
                return (new(process, output), Errno.None);
        }

        output.Dispose();
        return (null, error);
    }
}

/// <summary>A checker that runs.</summary>
/// <param name="Process">The shell, which leads the group of all that it starts.</param>
/// <param name="Output">Where it prints to.</param>
internal sealed record StartedChecker(ChildProcess Process, Descriptor Output) : IDisposable
{
    /// <inheritdoc />
    public void Dispose()
    {
        Output.Dispose();
        Process.Dispose();
    }
}
