using System.Globalization;

namespace Mandos.Bench;

/// <summary>mandos-ctl, Debian's and ours, and our mandos-monitor, beside our server with 5,000 clients.</summary>
internal static class ControlRuns
{
    private const int Count = 5000;

    /// <summary>Seconds.</summary>
    private const int Limit = 60;

    private static readonly (string Name, string Arguments)[] Listings =
        [("the table", ""), ("the table with all columns", "--verbose"), ("all properties as JSON", "--dump-json")];

    /// <summary>Runs them (six minutes) and returns the section.</summary>
    public static async Task<string> SectionAsync(bool quick, Action<string> tell, CancellationToken cancellationToken)
    {
        await using var laboratory = new Laboratory(_ => { }, cancellationToken);
        var clients = new ManyClients(laboratory, Implementation.Ours, Count);
        if (double.IsNaN(await clients.StartAsync(Limit, "checker = true\ninterval = PT1H\ntimeout = PT2H\n")))
            throw new TimeoutException("the server does not listen");
        await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
        var table = new Table();
        foreach (var (name, arguments) in Listings)
        {
            var original = await RunsAsync(clients, Implementation.Original, arguments, quick);
            var ours = await RunsAsync(clients, Implementation.Ours, arguments, quick);
            tell(Report.Format($"{name}: {original.Own.Value:F3} s and {ours.Own.Value:F3} s of processor time"));
            table.Add(
                Report.Format($"{Count:N0} clients: {name}, processor time of the tool"), Text.Seconds(original.Own.Value),
                Text.Seconds(ours.Own.Value), ours.Own.Value, 0.3, "≤ 0.3 s");
            table.Add("the same, by the clock", Text.Seconds(original.Taken.Value), Text.Seconds(ours.Taken.Value));
        }

        var monitor = await clients.WatchAsync(quick ? 10 : 60);
        tell(Report.Format($"mandos-monitor: {monitor.Processor:P1} of a processor, {monitor.Bytes:N0} B/s"));
        table.Add(
            Report.Format($"{Count:N0} clients: mandos-monitor at rest, part of a processor"), "–",
            Report.Format($"{monitor.Processor:P1}"), monitor.Processor, 0.03, "≤ 3 %");
        table.Add(
            "what it writes each second (terminal of 200 columns and 60 lines)", "–", Report.Format($"{monitor.Bytes:N0} B"));
        await clients.StopAsync(Limit);
        await AddCheckedAsync(table, quick, tell, cancellationToken);
        return Report.Format($"""
            Debian's mandos-ctl and ours list the clients of our server, one after the other on the same machine. Medians.
            Debian's mandos-monitor cannot show so many clients: it adds several match rules for each, and the bus allows 512.
            {Report.Machine()}

            {table.Text()}
            """);
    }

    /// <summary>The monitor beside a server that checks every client as often as is usual.</summary>
    private static async Task AddCheckedAsync(Table table, bool quick, Action<string> tell, CancellationToken cancellationToken)
    {
        await using var laboratory = new Laboratory(_ => { }, cancellationToken);
        var clients = new ManyClients(laboratory, Implementation.Ours, Count);
        if (double.IsNaN(await clients.StartAsync(Limit, "checker = true\ninterval = PT2M\ntimeout = PT10M\n")))
            throw new TimeoutException("the server does not listen");
        await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
        var monitor = await clients.WatchAsync(quick ? 10 : 120);
        tell(Report.Format($"the same while each is checked every 2 minutes: {monitor.Processor:P1}, {monitor.Bytes:N0} B/s"));
        table.Add(
            "the same while each is checked every 2 minutes, part of a processor", "–", Report.Format($"{monitor.Processor:P1}"),
            monitor.Processor, 0.03, "≤ 3 %");
        table.Add("what it writes each second", "–", Report.Format($"{monitor.Bytes:N0} B"));
        await clients.StopAsync(Limit);
    }

    private static async Task<(Median Taken, Median Own)> RunsAsync(
        ManyClients clients, Implementation control, string arguments, bool quick)
    {
        var runs = new List<(double Taken, double Own)>();
        for (var i = 0; i < (quick ? 3 : 9); i++)
        {
            var times = (await clients.TimeAsync($"{control.Control} {arguments}")).Split(' ')
                .Select(word => double.Parse(word, CultureInfo.InvariantCulture)).ToArray();
            runs.Add((times[0], times[1] + times[2]));
        }

        return (Median.Of(runs.Select(run => run.Taken)), Median.Of(runs.Select(run => run.Own)));
    }
}
