namespace Mandos.Peers.Machines;

/// <summary>Commands that run on the host for a machine, never to change the host.</summary>
internal static class Host
{
    /// <summary>Runs a command that must succeed within 20 s.</summary>
    public static async Task RunAsync(CancellationToken cancellationToken, string file, params IEnumerable<string> arguments)
    {
        await using var running = RunningProcess.Start(file, file, arguments, new());
        var done = await running.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
        if (done.ExitCode != 0)
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: exit code {done.ExitCode}: {done.Errors}");
    }
}
