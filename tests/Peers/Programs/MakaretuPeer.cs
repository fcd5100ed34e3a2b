using System.Runtime.InteropServices;
using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>
/// Makaretu.Dns.Multicast (tests/LanPeer): multicast DNS that is neither ours nor avahi's. It needs .NET, so it runs on a machine with the
/// host's files. The project that starts it refers to it, which puts it beside the tests.
/// </summary>
public static class MakaretuPeer
{
    private static readonly string Dotnet = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    /// <summary>
    /// Browses for Mandos servers until its input is closed: <c>+ NAME</c>, <c>- NAME</c>, <c>= NAME at HOST:PORT</c>, <c>= HOST
    /// has ADDRESS</c>.
    /// </summary>
    public static RunningProcess Browse(Machine machine) => Start(machine, "browse", "_mandos._tcp");

    /// <summary>
    /// Publishes a Mandos server at an address of any machine, until its input is closed, without a probe, a conflict or another name.
    /// Returns when it is announced.
    /// </summary>
    public static async Task<RunningProcess> PublishAsync(
        Machine machine, string name, int port, string address, int hopLimit, CancellationToken cancellationToken)
    {
        var publisher = Start(machine, "publish", name, "_mandos._tcp", $"{port}", address, $"{hopLimit}");
        await publisher.WaitForLineAsync("^announced$", TimeSpan.FromSeconds(30), cancellationToken);
        return publisher;
    }

    private static RunningProcess Start(Machine machine, params IEnumerable<string> arguments) => machine.Start(
        new() { Input = null, LogOutput = true, Environment = new Dictionary<string, string> { ["DOTNET_EnableDiagnostics"] = "0" } },
        Dotnet, [Path.Combine(AppContext.BaseDirectory, "Mandos.LanPeer.dll"), .. arguments]);
}
