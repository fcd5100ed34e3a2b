using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>A real plymouthd with its text theme on a terminal of the machine, and somebody at the keys.</summary>
public sealed class Splash
{
    private const string Keys = "/run/laboratory/keys";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly Machine _machine;
    private readonly RunningProcess _screen;

    private Splash(Machine machine, RunningProcess screen) => (_machine, _screen) = (machine, screen);

    /// <summary>Starts it and waits until the splash is shown.</summary>
    public static async Task<Splash> StartAsync(Machine machine, CancellationToken cancellationToken)
    {
        var screen = machine.Start(new() { LogOutput = true }, "/usr/bin/python3", machine.PutScript("splash.py"), Keys);
        await screen.WaitForLineAsync("^ready$", _patience, cancellationToken);
        return new(machine, screen);
    }

    /// <summary>Waits until the next question stands on the screen, and returns it, lines joined by '|'.</summary>
    public async Task<string> QuestionAsync(CancellationToken cancellationToken) =>
        (await _screen.WaitForLineAsync("^prompt: ", _patience, cancellationToken))["prompt: ".Length..];

    /// <summary>Presses keys; a backslash begins an escape of printf(1).</summary>
    public Task TypeAsync(string keys, CancellationToken cancellationToken) =>
        _machine.ShellAsync($"printf '{keys}' >{Keys}", cancellationToken);

    /// <summary>The command line of the plymouthd that runs, and its real, effective, saved and file system's user.</summary>
    public async Task<string> DaemonAsync(CancellationToken cancellationToken)
    {
        var process = await DaemonProcessAsync(cancellationToken);
        return await _machine.ShellAsync($"tr '\\0' ' ' </proc/{process}/cmdline; grep Uid: /proc/{process}/status", cancellationToken);
    }

    /// <summary>Its process number on the machine. (The file with its number may be missing: the one that ends removes it.)</summary>
    public async Task<string> DaemonProcessAsync(CancellationToken cancellationToken) => (await _machine.ShellAsync(
        "for p in /proc/[0-9]*; do case $(readlink $p/exe || :) in */plymouthd) echo ${p#/proc/};; esac; done", cancellationToken)).Trim();
}
