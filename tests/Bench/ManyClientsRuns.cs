namespace Mandos.Bench;

/// <summary>Our server beside Debian's with 100 clients and with 1,000: start, stop, memory, processor time, and who is served.</summary>
internal static class ManyClientsRuns
{
    /// <summary>Seconds; what takes longer is told so.</summary>
    private const int StartLimit = 30, FetchLimit = 20, StopLimit = 60, BusLimit = 20;

    /// <summary>
    /// Seconds: the time-out in the runs with 1,000 clients, a little more than the interval of two minutes, in which each
    /// client is checked once; and when it is looked who was disabled.
    /// </summary>
    private const int TimeOut = 130, Judgement = 135;

    /// <summary>Runs both (six minutes; one if <paramref name="quick"/>), and adds the lines.</summary>
    public static async Task AddAsync(Table table, bool quick, Action<string> tell, CancellationToken cancellationToken)
    {
        AddFew(
            table, await FewAsync(Implementation.Original, quick, tell, cancellationToken),
            await FewAsync(Implementation.Ours, quick, tell, cancellationToken));
        AddMany(
            table, await ManyAsync(Implementation.Original, quick, tell, cancellationToken),
            await ManyAsync(Implementation.Ours, quick, tell, cancellationToken));
    }

    private static async Task<IReadOnlyList<FewSample>> FewAsync(
        Implementation implementation, bool quick, Action<string> tell, CancellationToken cancellationToken)
    {
        var samples = new List<FewSample>();
        for (var i = 0; i < (quick ? 1 : 3); i++)
        {
            await using var laboratory = new Laboratory(_ => { }, cancellationToken);
            var clients = new ManyClients(laboratory, implementation, 100);
            var start = await clients.StartAsync(StartLimit);
            if (double.IsNaN(start))
                throw new TimeoutException(Report.Format($"{implementation} does not listen within {StartLimit} s with 100 clients"));
            await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
            var memory = clients.Memory;
            var (stop, _) = await clients.StopAsync(StopLimit);
            samples.Add(new(start, memory, stop, await clients.StartAgainAsync(StartLimit)));
            tell(Report.Format($"{implementation}: {samples[^1]}"));
        }

        return samples;
    }

    private static async Task<ManySample> ManyAsync(
        Implementation implementation, bool quick, Action<string> tell, CancellationToken cancellationToken)
    {
        await using var laboratory = new Laboratory(_ => { }, cancellationToken);
        var clients = new ManyClients(laboratory, implementation, 1000);
        var sample = new ManySample { Start = await clients.StartAsync(StartLimit, Report.Format($"timeout = PT{TimeOut}S\n")) };
        if (double.IsNaN(sample.Start))
            return sample;
        var began = TimeProvider.System.GetTimestamp();
        sample = sample with { First = await clients.FetchAsync(FetchLimit) };
        await UntilAsync(20);
        sample = sample with { Later = await clients.FetchAsync(FetchLimit) };
        await UntilAsync(quick ? 21 : 45);
        var (before, at) = (clients.ProcessorTime, TimeProvider.System.GetTimestamp());
        await UntilAsync(quick ? 31 : 105);
        var (after, seconds) = (clients.ProcessorTime, TimeProvider.System.GetElapsedTime(at).TotalSeconds);
        sample =
            sample with
            {
                Own = (after.Own - before.Own) / seconds,
                Checkers = (after.Children - before.Children) / seconds,
                Memory = clients.Memory
            };
        await UntilAsync(quick ? 32 : Judgement);
        sample = sample with { Disabled = await clients.DisabledAsync(BusLimit) };
        sample = sample with { Stop = (await clients.StopAsync(StopLimit)).Taken };
        tell(Report.Format($"{implementation}: {sample}"));
        return sample;

        Task UntilAsync(double second) =>
            Task.Delay(
                TimeSpan.FromSeconds(Math.Max(0, second - TimeProvider.System.GetElapsedTime(began).TotalSeconds)), cancellationToken);
    }

    private static void AddFew(Table table, IReadOnlyList<FewSample> original, IReadOnlyList<FewSample> ours)
    {
        table.Add("100 clients: from the start until it listens", Of(original, s => s.Start), Of(ours, s => s.Start), 0.3, Text.Seconds);
        Add("100 clients: memory (RSS)", s => s.Memory.Rss, 30e6, "≤ 30 MB", Text.Megabytes);
        table.Add(
            "the same (PSS)", Text.Megabytes(Of(original, s => s.Memory.Pss).Value), Text.Megabytes(Of(ours, s => s.Memory.Pss).Value));
        Add("100 clients: clean stop", s => s.Stop, 0.5, "≤ 0.5 s", s => Text.Within(s, StopLimit));
        Add("100 clients: start with the state that was saved then", s => s.Restart, 0.5, "≤ 0.5 s", s => Text.Within(s, StartLimit));

        void Add(string name, Func<FewSample, double> value, double most, string budget, Func<double, string> show) =>
            table.Add(name, show(Of(original, value).Value), show(Of(ours, value).Value), Of(ours, value).Value, most, budget);
    }

    private static void AddMany(Table table, ManySample original, ManySample ours)
    {
        Add("1,000 clients: from the start until it listens", s => s.Start, 1, "≤ 1 s", s => Text.Within(s, StartLimit));
        Add("1,000 clients: the wait for a password from then on", s => s.First, 0.1, "≤ 0.1 s", s => Text.Within(s, FetchLimit));
        Add("the same 20 s later", s => s.Later, 0.1, "≤ 0.1 s", s => Text.Within(s, FetchLimit));
        Add(
            Report.Format($"1,000 clients: disabled though alive after {Judgement} s (time-out {TimeOut} s)"), s => s.Disabled, 0, "0",
            d => double.IsNaN(d) ? Report.Format($"no answer on the bus within {BusLimit} s") : Report.Format($"{d:F0}"));
        Add("1,000 clients: memory besides the checkers (RSS)", s => s.Memory.Rss, 80e6, "≤ 80 MB", Text.Megabytes);
        table.Add("the same (PSS)", Text.Megabytes(original.Memory.Pss), Text.Megabytes(ours.Memory.Pss));
        var most = 0.05 * Environment.ProcessorCount;
        Add(
            "1,000 clients: processor time besides the checkers, share of one processor over a minute", s => s.Own, most,
            Report.Format($"≤ {most * 100:F0} % (5 % of all)"), Text.Percent);
        table.Add("the checkers' in the same minute", Text.Percent(original.Checkers), Text.Percent(ours.Checkers));
        Add("1,000 clients: clean stop", s => s.Stop, 1, "≤ 1 s", s => Text.Within(s, StopLimit));

        void Add(string name, Func<ManySample, double> value, double most, string budget, Func<double, string> show) =>
            table.Add(name, show(value(original)), show(value(ours)), value(ours), most, budget);
    }

    private static Median Of(IReadOnlyList<FewSample> samples, Func<FewSample, double> value) => Median.Of(samples.Select(value));
}

/// <summary>One run with 100 clients; seconds and bytes.</summary>
internal sealed record FewSample(double Start, (double Rss, double Pss) Memory, double Stop, double Restart);

/// <summary>One run with 1,000; seconds, bytes, and shares of one processor. NaN: it did not come within the limit.</summary>
internal sealed record ManySample
{
    public double Start { get; init; }

    public double First { get; init; } = double.NaN;

    public double Later { get; init; } = double.NaN;

    public double Disabled { get; init; } = double.NaN;

    public (double Rss, double Pss) Memory { get; init; } = (double.NaN, double.NaN);

    public double Own { get; init; } = double.NaN;

    public double Checkers { get; init; } = double.NaN;

    public double Stop { get; init; } = double.NaN;
}
