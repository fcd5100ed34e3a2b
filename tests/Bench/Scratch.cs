namespace Mandos.Bench;
internal static class Scratch
{
    public static async Task RunAsync(CancellationToken ct)
    {
        await using var laboratory = new Laboratory(_ => { }, ct);
        var bench = new ServerBench(laboratory);
        await bench.StartAsync(Implementation.Ours);
        await bench.FetchAsync(10, 500);
        foreach (var b in new[] { "silent", "greeting", "garbage", "nonsense" })
        foreach (var n in new[] { 100, 1000, 3000 })
        {
            var before = bench.Memory();
            await using (var f = await bench.FloodAsync(b, n, true))
            {
                await Task.Delay(1000, ct);
                var with = bench.Memory();
                Console.WriteLine($"{b} {n} open {f.Open}: {before.Rss / 1e6:F1} -> {with.Rss / 1e6:F1} MB; {(with.Rss - before.Rss) / n / 1000:F1} KB each");
                var r = await bench.FetchAsync(1, 20, 5);
                Console.WriteLine($"   longest {r.Longest:F3} median {r.Times[r.Times.Count / 2]:F3} failed {r.Failed}");
            }
            await Task.Delay(500, ct);
        }
    }
}
