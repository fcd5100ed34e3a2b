using System.Globalization;

namespace Mandos.Bench;

/// <summary>
/// Our server alone with 1,000, 10,000 and 100,000 clients: what a start, a reload, a stop, a restart and the checks cost.
/// </summary>
internal static class FleetRuns
{
    /// <summary>Seconds; what takes longer is a failure.</summary>
    private const int Limit = 300;

    /// <summary>
    /// Seconds in which passwords are fetched from the moment that the server listens; after which all lives have begun; in
    /// which a reload is done; and in which the checks are measured.
    /// </summary>
    private const int Fetching = 10, Settling = 30, Reloading = 15, Steady = 600;

    /// <summary>Bytes that the unit lets the server lock.</summary>
    private static readonly double LockLimit = (1 << 20) * double.Parse(
        File.ReadLines(Path.Combine(Golden.Root, "packaging/debian/mandos-dotnet/mandos.service"))
            .Single(line => line.StartsWith("LimitMEMLOCK=", StringComparison.Ordinal)).Split('=')[1].TrimEnd('M'),
        CultureInfo.InvariantCulture);

    private static readonly Budget[] Fleets = [new(1000, 0.3, 80e6, 0.3), new(10_000, 2, 80e6, 1.5), new(100_000, 15, 600e6, 10)];

    /// <summary>
    /// Runs them (eighteen minutes; three with up to 10,000 clients if <paramref name="quick"/>) and returns the section.
    /// </summary>
    public static async Task<string> SectionAsync(bool quick, Action<string> tell, CancellationToken cancellationToken)
    {
        var table = new Table();
        var only = Environment.GetEnvironmentVariable("CLIENTS");
        foreach (var fleet
            in Fleets.Where(f => string.IsNullOrEmpty(only) ? !quick || f.Count <= 10_000 : Report.Format($"{f.Count}") == only))
        {
            await using var laboratory = new Laboratory(_ => { }, cancellationToken);
            var clients = new ManyClients(laboratory, Implementation.Ours, fleet.Count) { FetchAtStart = Fetching };
            var first = await StartAsync(clients, () => clients.StartAsync(Limit, "checker = true\n"), tell, cancellationToken);
            var checks = fleet.Count == 10_000
                ? await ChecksAsync(clients, quick ? 60 : Steady, fleet.Count, tell, cancellationToken)
                : null;
            var reload = await ReloadAsync(clients, tell, cancellationToken);
            var stop = await StopAsync(clients, tell);
            var second = await StartAsync(clients, () => clients.StartAgainAsync(Limit), tell, cancellationToken);
            var last = await StopAsync(clients, tell);
            Add(table, fleet, first, checks, reload, stop, second, last);
        }

        return Report.Format($"""
            Our server alone, on a machine of its own with a system bus and default settings, beside a machine that is one of its
            clients; all are checked by `true` every two minutes. Processor time is the server's own, of all its threads, without
            the checkers. "From then on": one fetch after the other for {Fetching} s from the moment that the server listens. The state
            is saved in memory: no disk plays a part. One run each. {Report.Machine()}

            {table.Text()}
            """);
    }

    private static void Add(
        Table table, Budget fleet, Start first, Checks? checks, Reloads reload,
        (double Taken, double ProcessorTime) stop, Start second, (double Taken, double ProcessorTime) last)
    {
        var name = Report.Format($"{fleet.Count:N0} clients");
        Add($"{name}: processor time until it listens", first.ProcessorTime, fleet.Start, Text.Seconds);
        Add($"{name}: the longest wait for a password from then on", first.Wait, 0.1, Text.Seconds);
        Add($"{name}: memory (RSS)", first.Memory, fleet.Memory, Text.Megabytes);
        Add($"{name}: locked memory (VmLck; the unit allows as much as the target)", first.Locked, LockLimit, Text.Megabytes);
        if (checks is not null)
        {
            Add(
                $"{name}: processor time besides the checkers, share of one processor over {checks.Seconds:F0} s", checks.Own, 0.05,
                Text.Percent);
            table.Add("the checkers' in the same time", "", Text.Percent(checks.Checkers));
            Add($"{name}: written for each check that changes nothing but times", checks.Bytes, 2000, b => Report.Format($"{b:F0} bytes"));
            Add($"{name}: disabled after these {checks.Seconds:F0} s, though alive", checks.Disabled, 0, d => Report.Format($"{d:F0}"));
        }

        Add(
            Report.Format(
                $"{name}: how much more processor time {Reloading} s take in which one more client is reloaded, from a file of its own"),
            reload.OwnFile, 3, Text.Seconds);
        Add("the same, from the file with all others", reload.SameFile, 3, Text.Seconds);
        Add($"{name}: the longest wait for a password during such a reload", reload.Wait, 0.3, Text.Seconds);
        Add($"{name}: processor time of a clean stop", stop.ProcessorTime, fleet.Stop, Text.Seconds);
        Add("the same stop, by the clock", stop.Taken, fleet.Stop, Text.Seconds);
        Add(
            $"{name}: processor time of a start with the state that was saved then, until it listens", second.ProcessorTime, fleet.Start,
            Text.Seconds);
        Add($"{name}: the longest wait for a password from then on", second.Wait, 0.1, Text.Seconds);
        Add($"{name}: memory (RSS) after that start", second.Memory, fleet.Memory, Text.Megabytes);
        Add("locked memory after that start", second.Locked, LockLimit, Text.Megabytes);
        Add($"{name}: processor time of the clean stop after it", last.ProcessorTime, fleet.Stop, Text.Seconds);

        void Add(string what, double value, double most, Func<double, string> show) =>
            table.Add(what, "", show(value), value, most, $"≤ {show(most)}");
    }

    private static async Task<Start> StartAsync(
        ManyClients clients, Func<Task<double>> start, Action<string> tell, CancellationToken cancellationToken)
    {
        if (double.IsNaN(await start()))
            throw new TimeoutException(Report.Format($"the server does not listen within {Limit} s"));
        var processorTime = clients.ProcessorTime.Own;
        var wait = await clients.FirstWait;
        await Task.Delay(TimeSpan.FromSeconds(Settling), cancellationToken);
        var (memory, locked) = (clients.Memory.Rss, clients.Locked);
        tell(Report.Format(
            $"listens after {processorTime:F2} s of processor time, longest wait {wait:F3} s, {memory / 1e6:F0} MB, {locked / 1e6:F0} MB locked"));
        return new(processorTime, wait, memory, locked);
    }

    private static async Task<Reloads> ReloadAsync(ManyClients clients, Action<string> tell, CancellationToken cancellationToken)
    {
        // Without fetches, which cost processor time themselves; then once more with them. The checks go on meanwhile.
        var checks = await UsedAsync(() => Task.CompletedTask);
        var own = await UsedAsync(() => clients.ReloadAsync("more", isOwnFile: true)) - checks;
        var same = await UsedAsync(() => clients.ReloadAsync("still-more", isOwnFile: false)) - checks;
        var reloads = new Reloads(own, same, await WaitAsync());
        tell(Report.Format($"{reloads}"));
        return reloads;

        async Task<double> UsedAsync(Func<Task> reload)
        {
            var before = clients.ProcessorTime.Own;
            await reload();
            await Task.Delay(TimeSpan.FromSeconds(Reloading), cancellationToken);
            return clients.ProcessorTime.Own - before;
        }

        async Task<double> WaitAsync()
        {
            var wait = clients.LongestWaitAsync(Reloading);
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            await clients.ReloadAsync("the-last", isOwnFile: false);
            return await wait;
        }
    }

    private static async Task<(double Taken, double ProcessorTime)> StopAsync(ManyClients clients, Action<string> tell)
    {
        var stop = await clients.StopAsync(Limit);
        tell(Report.Format($"stop: {stop.ProcessorTime:F2} s of processor time, {stop.Taken:F2} s"));
        return stop;
    }

    private static async Task<Checks> ChecksAsync(
        ManyClients clients, int seconds, int count, Action<string> tell, CancellationToken cancellationToken)
    {
        var (before, written, began) = (clients.ProcessorTime, clients.Written, TimeProvider.System.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken);
        var (after, taken) = (clients.ProcessorTime, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
        var bytes = (clients.Written - written) / (count * taken / 120);
        var checks = new Checks(
            taken, (after.Own - before.Own) / taken, (after.Children - before.Children) / taken, bytes, await clients.DisabledAsync(Limit));
        tell(Report.Format($"{checks}"));
        return checks;
    }

    /// <summary>How many clients, and the most that is allowed: seconds and bytes.</summary>
    private sealed record Budget(int Count, double Start, double Memory, double Stop);

    /// <summary>A start: seconds and bytes.</summary>
    private sealed record Start(double ProcessorTime, double Wait, double Memory, double Locked);

    /// <summary>Seconds of processor time and, the last, by the clock.</summary>
    private sealed record Reloads(double OwnFile, double SameFile, double Wait);

    /// <summary>
    /// Shares of one processor, bytes for each check of every two minutes, and how many clients are disabled; NaN: it does not
    /// say.
    /// </summary>
    private sealed record Checks(double Seconds, double Own, double Checkers, double Bytes, double Disabled);
}
