using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>A real plymouthd with its text theme on a terminal of the machine, and a user at the keyboard.</summary>
public sealed class Splash
{
    private const string Keys = "/run/laboratory/keys";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Machine _machine;
    private readonly RunningProcess _screen;

    private Splash(Machine machine, RunningProcess screen) => (_machine, _screen) = (machine, screen);

    /// <summary>Starts it and waits until the splash is shown.</summary>
    public static async Task<Splash> StartAsync(Machine machine, CancellationToken cancellationToken)
    {
        var screen = machine.Start(new() { LogOutput = true }, "/usr/bin/python3", machine.PutScript("splash.py"), Keys);
        await screen.WaitForLineAsync("^ready$", Patience, cancellationToken);
        return new(machine, screen);
    }

    /// <summary>Waits until the next question stands on the screen, and returns it, lines joined by '|'.</summary>
    public async Task<string> QuestionAsync(CancellationToken cancellationToken) =>
        (await _screen.WaitForLineAsync("^prompt: ", Patience, cancellationToken))["prompt: ".Length..];

    /// <summary>Presses keys; a backslash begins an escape of printf(1).</summary>
    public Task TypeAsync(string keys, CancellationToken cancellationToken) =>
        _machine.ShellAsync($"printf '{keys}' >{Keys}", cancellationToken);

    /// <summary>The command line of the plymouthd that runs, and its real, effective, saved and file system's user.</summary>
    public async Task<string> DaemonAsync(CancellationToken cancellationToken)
    {
        var process = await DaemonProcessAsync(cancellationToken);
        return await _machine.ShellAsync($"tr '\\0' ' ' </proc/{process}/cmdline; grep Uid: /proc/{process}/status", cancellationToken);
    }

    /// <summary>
    /// Its process number on the machine, once it runs alone and as a daemon: process 1 is its parent then. (The file with its
    /// number may be missing: the one that ends removes it.)
    /// </summary>
    public async Task<string> DaemonProcessAsync(CancellationToken cancellationToken) => (await _machine.ShellAsync(
        """
        for attempt in $(seq 300); do
            set --
            for p in /proc/[0-9]*; do case $(readlink $p/exe || :) in */plymouthd) set -- "$@" ${p#/proc/};; esac; done
            if [ $# = 1 ] && grep -qs '^PPid:.1$' /proc/$1/status; then echo $1; exit; fi
            sleep 0.1
        done
        echo "plymouthd: processes $*" >&2; exit 1
        """, cancellationToken)).Trim();
}
