using Mandos.Peers.Machines;
using Mandos.Peers.Keys;

namespace Mandos.Peers.Programs;

/// <summary>A Mandos client that runs on a machine as root, the original's or ours.</summary>
public static class MandosClient
{
    /// <summary>Starts it with the machine's keys.</summary>
    public static RunningProcess Start(Machine machine, Implementation implementation, params IEnumerable<string> arguments) =>
        machine.Start(new(), implementation.Client, [.. KeySet.ClientOptions, .. arguments]);

    /// <summary>Runs it until it ends, at most 20 s.</summary>
    public static async Task<CompletedProcess> RunAsync(
        Machine machine, Implementation implementation, CancellationToken cancellationToken, params IEnumerable<string> arguments)
    {
        await using var running = Start(machine, implementation, arguments);
        return await running.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
    }
}
