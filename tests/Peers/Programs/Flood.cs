using System.Globalization;
using Mandos.Peers.Machines;

namespace Mandos.Peers.Programs;

/// <summary>Connections that do a Mandos server no good; see the script for what each behaviour is.</summary>
public sealed class Flood : IAsyncDisposable
{
    /// <summary>Where the many addresses of a flood are, once <see cref="RouteAsync"/> has made them.</summary>
    public const string Prefix = "fd00:2::";

    private readonly RunningProcess _process;

    private Flood(RunningProcess process, int open)
    {
        _process = process;
        Open = open;
    }

    /// <summary>How many connections stood when all were begun.</summary>
    public int Open { get; }

    /// <summary>Lets one machine have 2^64 addresses that the other one reaches.</summary>
    public static async Task RouteAsync(Machine source, string sourceAddress, Machine target, CancellationToken cancellationToken)
    {
        await source.ShellAsync($"ip -6 route add local {Prefix}/64 dev lo", cancellationToken);
        await target.ShellAsync($"ip -6 route add {Prefix}/64 via {sourceAddress}", cancellationToken);
    }

    /// <summary>
    /// Opens connections, at most <paramref name="pace"/> in a second, and keeps their number up; returns when all are open that
    /// can be had.
    /// </summary>
    public static async Task<Flood> StartAsync(
        Machine machine, string address, int port, string behaviour, int count, CancellationToken cancellationToken,
        bool fromManyAddresses = false, int pace = 1_000_000)
    {
        string[] prefix = fromManyAddresses ? [Prefix] : [];
        var process = machine.Start(
            new(), "/usr/bin/python3", [machine.PutScript("flood.py"), address, Text(port), behaviour, Text(count), Text(pace), .. prefix]);
        var line = await process.WaitForLineAsync("^open ", TimeSpan.FromMinutes(3), cancellationToken);
        return new(process, int.Parse(line[5..], CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Waits until the server has accepted what it will: a slow one has connections stand in its queue for a while. The result
    /// is how many it holds.
    /// </summary>
    public static async Task<int> SettleAsync(Machine server, int port, CancellationToken cancellationToken)
    {
        var (most, since) = (-1, TimeProvider.System.GetTimestamp());
        while (TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(2))
        {
            if (Accepted() is var count && count > most)
                (most, since) = (count, TimeProvider.System.GetTimestamp());
            await Task.Delay(100, cancellationToken);
        }

        return most;

        // sl, local address:port, remote, state (01: established), ..., inode at the tenth place: 0 until it is accepted.
        int Accepted() =>
            File.ReadLines($"/proc/{server.ProcessId}/net/tcp6").Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(f => f.Length > 9 && f[3] == "01" && f[9] != "0" && f[1].EndsWith($":{port:X4}", StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
