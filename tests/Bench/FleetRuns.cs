namespace Mandos.Bench;

/// <summary>Our server alone with 1,000, 10,000 and 100,000 clients: what a start, a reload, a stop and the checks cost.</summary>
internal static class FleetRuns
{
    /// <summary>Seconds; what takes longer is a failure.</summary>
    private const int Limit = 300;

    /// <summary>Seconds after a start in which all lives have begun, and of a reload, and in which the checks are measured.</summary>
    private const int Settling = 30, Reloading = 15, Steady = 180;

    private static readonly (int Count, double Start, double Memory, double Stop)[] Fleets =
        [(1000, 0.3, 80e6, 0.3), (10_000, 2, 80e6, 1.5), (100_000, 15, 600e6, 10)];

    /// <summary>Runs them (twelve minutes; three with up to 10,000 if <paramref name="quick"/>), and adds the lines.</summary>
    public static async Task AddAsync(Table table, bool quick, Action<string> tell, CancellationToken cancellationToken)
    {
        foreach (var fleet in Fleets.Where(f => !quick || f.Count <= 10_000))
        {
            await using var laboratory = new Laboratory(_ => { }, cancellationToken);
            var clients = new ManyClients(laboratory, Implementation.Ours, fleet.Count);
            if (double.IsNaN(await clients.StartAsync(Limit)))
                throw new TimeoutException(Report.Format($"the server does not listen within {Limit} s with {fleet.Count} clients"));
            var start = clients.ProcessorTime.Own;
            var first = await clients.FetchAsync(Limit);
            await Task.Delay(TimeSpan.FromSeconds(Settling), cancellationToken);
            var memory = clients.Memory.Rss;
            var steady = fleet.Count == 10_000 ? await SteadyAsync(clients, quick ? 60 : Steady, fleet.Count, cancellationToken) : null;
            var (reload, wait) = await clients.ReloadAsync(Reloading);
            var stop = await clients.StopAsync(Limit);
            tell(Report.Format($"{fleet.Count} clients: start {start:F2} s, first {first:F3} s, {memory / 1e6:F0} MB, reload {reload:F2} s and {wait:F3} s, stop {stop:F2} s"));

            var name = Report.Format($"{fleet.Count:N0} clients");
            Add($"{name}: processor time until it listens", start, fleet.Start, Text.Seconds);
            Add($"{name}: the wait for a password from then on", first, 0.1, Text.Seconds);
            Add($"{name}: memory (RSS)", memory, fleet.Memory, Text.Megabytes);
            Add(Report.Format($"{name}: processor time of {Reloading} s in which one more client is reloaded"), reload, 3, Text.Seconds);
            Add($"{name}: the longest wait for a password meanwhile", wait, 0.3, Text.Seconds);
            Add($"{name}: clean stop", stop, fleet.Stop, Text.Seconds);
            if (steady is not { } checks)
                continue;
            Add($"{name}: processor time besides the checkers, share of one processor", checks.Own, 0.05, Text.Percent);
            table.Add("the checkers' in the same time", "", Text.Percent(checks.Checkers));
            Add($"{name}: written for each check that changes nothing but times", checks.Bytes, 2000, b => Report.Format($"{b:F0} bytes"));
        }

        void Add(string what, double value, double most, Func<double, string> show) => table.Add(what, "", show(value), value, most, $"≤ {show(most)}");
    }

    private static async Task<Checks> SteadyAsync(ManyClients clients, int seconds, int count, CancellationToken cancellationToken)
    {
        var (before, written, began) = (clients.ProcessorTime, clients.Written, TimeProvider.System.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken);
        var (after, taken) = (clients.ProcessorTime, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
        return new((after.Own - before.Own) / taken, (after.Children - before.Children) / taken, (clients.Written - written) / (count * taken / 120));
    }

    /// <summary>Shares of one processor, and bytes for each check of every two minutes.</summary>
    private sealed record Checks(double Own, double Checkers, double Bytes);
}
