using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Server.Checkers;

/// <summary>
/// Starts commands as upstream does: <c>/bin/sh -c COMMAND</c> in the root directory with the server's environment and an empty standard
/// input. Unlike upstream, each has a session of its own and a pipe for its output.
/// </summary>
/// <param name="launcher">Starts the commands; null to start them from any thread.</param>
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
    /// The thread that starts a program blocks until the program is executed. Only one at a time does so, so that many checks that are due
    /// at the same time do not block all threads of the pool.
    /// </summary>
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Watches for output and for ends of processes.</summary>
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
                // The new session also has no terminal, where ssh would stop and prompt for a password.
                NewSession = true,
            };
            // Our end only: the checker's is another open file.
            error = output.SetWaiting(false);
            if (error.Ok && ChildProcess.TryStart(child, _watch, out var process, out error))
                return (new(process, output), Errno.None);
        }

        output.Dispose();
        return (null, error);
    }
}

/// <summary>A running checker.</summary>
/// <param name="Process">The shell, which leads the process group of everything that it starts.</param>
/// <param name="Output">The pipe for its output.</param>
internal sealed record StartedChecker(ChildProcess Process, Descriptor Output) : IDisposable
{
    /// <inheritdoc />
    public void Dispose()
    {
        Output.Dispose();
        Process.Dispose();
    }
}
