namespace Mandos.Bench;

/// <summary>Our server beside Debian's: passwords a second, many at a time, silent connections, many clients, memory.</summary>
internal static class ServerRuns
{
    private const int MostSilent = 10_000;

    /// <summary>Runs both (twelve minutes, six if <paramref name="quick"/>) and tells the numbers.</summary>
    public static async Task<string> SectionAsync(bool quick, Action<string> tell, CancellationToken cancellationToken)
    {
        var original = await RunAsync(Implementation.Original, quick, tell, cancellationToken);
        var ours = await RunAsync(Implementation.Ours, quick, tell, cancellationToken);
        var table = new Table();
        foreach (var (a, b) in original.Loads.Zip(ours.Loads))
        {
            var at = Report.Format($"{a.AtOnce} at a time");
            if (a.AtOnce == 10)
                table.AddAtLeast($"passwords a second, {at}", a.Rate, b.Rate, 12, r => Report.Format($"{r:F0}"));
            else
                table.Add($"passwords a second, {at}", Report.Format($"{a.Rate.Value:F0}"), Report.Format($"{b.Rate.Value:F0}"));
            var most = a.AtOnce == 10 ? 0.05 : 1.0;
            table.Add(
                $"99th percentile of the wait, {at}", Text.Seconds(a.Percentile99), Text.Seconds(b.Percentile99), b.Percentile99, most,
                $"≤ {Text.Seconds(most)}");
            table.Add($"of a hundred fail, {at}", Percent(a), Percent(b), b.FailedPercent, 0, "0");
        }

        table.Add("memory at rest (PSS)", Text.Megabytes(original.Rest.Pss), Text.Megabytes(ours.Rest.Pss));
        table.Add(
            "100 silent connections: more memory (PSS)", Text.Megabytes(original.Silent.Pss), Text.Megabytes(ours.Silent.Pss),
            ours.Silent.Pss, 5e6, "≤ 5 MB");
        table.Add(
            "the same, pages that processes share counted in each (RSS)", Text.Megabytes(original.Silent.Rss),
            Text.Megabytes(ours.Silent.Rss));
        table.Add(
            Report.Format(
                $"silent connections until a known client gets nothing within 5 s (tried up to {MostSilent:N0}, from as many addresses)"),
            Refused(original), Refused(ours),
            "never", ours.RefusedBeside == 0 && ours.ServedBeside >= MostSilent * 0.9);
        table.Add(
            Report.Format($"the wait of a known client beside {MostSilent:N0} silent ones, longest of 20"), "",
            Text.Seconds(ours.WaitBeside), ours.WaitBeside, 0.1, "≤ 0.1 s");
        var (fetches, attacks) = await AttackedAsync(quick, tell, cancellationToken);
        table.Add(
            Report.Format(
                $"the wait of a known client beside 200 networks that send the dearest handshakes ({attacks:F0} a second), 99th percentile"),
            "", Text.Seconds(fetches.Percentile99), fetches.Failed > 0 ? double.NaN : fetches.Percentile99, 0.25, "≤ 0.25 s");
        table.Add("the same, half of the fetches", "", Text.Seconds(fetches.Median));
        await ManyClientsRuns.AddAsync(table, quick, tell, cancellationToken);
        return Report.Format($"""
            Each server ran on a machine of its own with its default settings and one client, beside a machine that fetched its
            secret with GnuTLS from many threads, both on the same two processors; a fetch goes from the connection to the
            end of the secret, and has failed after 20 s. With 100 and with 1,000 clients there is a system bus too, each client
            is checked by `true` every two minutes, as is the default, and the state is saved in memory: no disk plays a part.
            Where "not within" stands it was waited no longer. The attackers of the known client have a processor of their own, the server and that client share the
            other one. Medians of three runs, in parentheses the least and the most; the
            original had one run at more than 10 fetches at a time, and with 1,000 clients each had one. {Report.Machine()}

            {table.Text()}
            """);
    }

    private static async Task<ServerResult> RunAsync(
        Implementation implementation, bool quick, Action<string> tell, CancellationToken cancellationToken)
    {
        await using var laboratory = new Laboratory(_ => { }, cancellationToken);
        var bench = new ServerBench(laboratory);
        await bench.StartAsync(implementation);
        // First, for what a load leaves behind is another matter.
        var rest = bench.Memory();
        (double Rss, double Pss) with;
        await using (await bench.FloodAsync("silent", 100, pace: Pace(implementation)))
        {
            await bench.SettleAsync();
            with = bench.Memory();
        }

        tell(Report.Format($"{implementation}: 100 silent connections: {(with.Rss - rest.Rss) / 1e6:F1} MB more"));
        var loads = new List<Load>();
        foreach (var (atOnce, count) in ((int, int)[])[(10, 1000), (50, 500), (100, 500), (200, 600)])
        {
            var runs = new List<Fetches>();
            for (var i = 0; i < (quick || (atOnce > 10 && implementation == Implementation.Original) ? 1 : 3); i++)
            {
                runs.Add(await bench.FetchAsync(atOnce, count));
                tell(
                    Report.Format(
                        $"{implementation}: {atOnce} at a time: {runs[^1].Rate:F0} a second, 99 %: {runs[^1].Percentile99:F3} s, {runs[^1].Failed} failed {runs[^1].Reasons}"));
            }

            loads.Add(Load.Of(atOnce, runs));
        }

        var (served, open, wait) = await SilenceAsync(bench, implementation, tell);
        return new(loads, rest, (with.Rss - rest.Rss, with.Pss - rest.Pss), served, open, wait);
    }

    /// <summary>Ours alone: the original serves each connection in its own process, and none at all beside so many.</summary>
    private static async Task<(Fetches Fetches, double Attacks)> AttackedAsync(
        bool quick, Action<string> tell, CancellationToken cancellationToken)
    {
        await using var laboratory = new Laboratory(_ => { }, cancellationToken);
        var bench = new ServerBench(laboratory);
        await bench.StartAsync(Implementation.Ours);
        var (fetches, attacks) = await bench.FetchUnderAttackAsync(quick ? 100 : 1000, limit: 10);
        tell(
            Report.Format(
                $"under attack by {attacks:F0} handshakes a second: half within {fetches.Median:F3} s, 99 % within {fetches.Percentile99:F3} s, {fetches.Failed} failed {fetches.Reasons}"));
        return (fetches, attacks);
    }

    /// <summary>
    /// More and more silent connections: with how many a known client was served last, and how long it waited with the most.
    /// </summary>
    private static async Task<(int Served, int Refused, double Wait)> SilenceAsync(
        ServerBench bench, Implementation implementation, Action<string> tell)
    {
        var served = 0;
        int[] counts = implementation == Implementation.Original ? [100, 200, 300, 325, 350, 400, 500] : [1000, 5000, MostSilent];
        var wait = double.NaN;
        foreach (var count in counts)
        {
            await using var flood = await bench.FloodAsync("silent", count, fromManyAddresses: true, Pace(implementation));
            var held = await bench.SettleAsync();
            var fetches = await bench.FetchAsync(atOnce: 1, count: implementation == Implementation.Original ? 1 : 20, limit: 5);
            tell(
                Report.Format(
                    $"{implementation}: {held} of {count} silent connections are held: {fetches.Failed} failed {fetches.Reasons}, longest wait {fetches.Longest:F3} s"));
            if (fetches.Failed > 0)
                return (served, held, double.NaN);
            (served, wait) = (held, fetches.Longest);
        }

        return (served, 0, wait);
    }

    /// <summary>What the original can take: it forks for each.</summary>
    private static int Pace(Implementation implementation) => implementation == Implementation.Original ? 40 : 5000;

    private static string Refused(ServerResult result) => result.RefusedBeside == 0 ? "never" : Report.Format($"{result.RefusedBeside}");

    private static string Percent(Load load) => Report.Format($"{load.FailedPercent:0.#}");
}

/// <summary>What was measured of one server.</summary>
/// <param name="Loads">Many fetches at once.</param>
/// <param name="Rest">Memory without connections.</param>
/// <param name="Silent">How much more with 100 silent ones.</param>
/// <param name="ServedBeside">The most silent connections beside which a known client was served.</param>
/// <param name="RefusedBeside">With how many it was not; 0: it always was.</param>
/// <param name="WaitBeside">How long it waited beside the most.</param>
internal sealed record ServerResult(
    IReadOnlyList<Load> Loads, (double Rss, double Pss) Rest, (double Rss, double Pss) Silent, int ServedBeside, int RefusedBeside,
    double WaitBeside);

/// <summary>Runs with so many fetches at once.</summary>
internal sealed record Load(int AtOnce, Median Rate, double Percentile99, double FailedPercent)
{
    public static Load Of(int atOnce, IReadOnlyList<Fetches> runs) => new(
        atOnce, Median.Of(runs.Select(r => r.Rate)), Median.Of(runs.Select(r => r.Percentile99)).Value,
        100.0 * runs.Sum(r => r.Failed) / runs.Sum(r => r.Failed + r.Times.Count));
}
