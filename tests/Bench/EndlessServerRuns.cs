namespace Mandos.Bench;

/// <summary>
/// Our client with one good server beside three more that shake hands and then send records without data for as long as they are
/// taken, compared with three that close instead: the handshakes are what any server costs. The three come first on its command
/// line.
/// </summary>
internal static class EndlessServerRuns
{
    /// <summary>The time beside them may be at most this part of the time beside three that close.</summary>
    private const double Budget = 1.2;

    private const int FirstPort = 8889, Servers = 3, WarmUps = 10;

    /// <summary>Runs both in turn, for each kind of record, and adds the lines.</summary>
    public static async Task AddAsync(Table table, Bench bench, int pairs, Action<string> tell)
    {
        var ports = Enumerable.Range(FirstPort, Servers).ToArray();
        string[] good = ["--interface=eth0", $"--server={Bench.ServerIPv4}:{Bench.Port}"];
        string[] beside = [.. ports.Select(port => Report.Format($"--server={Bench.ServerIPv4}:{port}")), .. good];
        await bench.SetInterfaceAsync(up: true);
        Median? control = null;
        foreach (var what in EndlessServer.Behaviours.Prepend(EndlessServer.Nothing))
        {
            var hostile = ports.Select(port => EndlessServer.Start(bench.Server.ProcessId, port, what)).ToList();
            try
            {
                // The servers are compiled while they run, and slow until then.
                for (var i = 0; i < WarmUps; i++)
                    await bench.RunAsync(Implementation.Ours, "time", "curve", beside);
                var (without, with) = (new List<double>(), new List<double>());
                for (var pair = 0; pair < pairs; pair++)
                {
                    without.Add((await bench.RunAsync(Implementation.Ours, "time", "curve", good)).Exit);
                    with.Add((await bench.RunAsync(Implementation.Ours, "time", "curve", beside)).Exit);
                }

                if (control is not { } closing)
                {
                    control = Median.Of(with);
                    table.Add(
                        "start to password, without and beside three that close after the handshake",
                        Text.Seconds(Median.Of(without).Value), Text.Seconds(control.Value.Value));
                }
                else
                {
                    table.Add(
                        $"start to password, beside three that send {what} without end instead", closing, Median.Of(with), Budget,
                        Text.Seconds);
                }

                tell($"beside three that send {what}: {pairs} pairs");
            }
            finally
            {
                hostile.ForEach(server => server.Dispose());
            }
        }
    }
}
