using System.Runtime.InteropServices;

namespace Mandos.Bench;

/// <summary>Our client beside Debian's: time, memory, processes, size.</summary>
internal static class ClientRuns
{
    // The 47 files that the original adds to an image, see the size of the images.
    private const double OriginalFiles = 13.8e6;

    /// <summary>Runs both (about five minutes, a few seconds if <paramref name="quick"/>) and tells the numbers.</summary>
    public static async Task<string> SectionAsync(Laboratory laboratory, bool quick, Action<string> tell)
    {
        tell("two machines on one segment, Debian's server with avahi on one of them");
        var bench = new Bench(laboratory);
        await bench.StartAsync();
        int Times(int full) => quick ? 2 : full;
        string[] byAddress = [$"--connect={Bench.ServerIPv4}:{Bench.Port}"];
        string[] byMulticast = ["--interface=eth0"];
        string[] byLinkLocal = [$"--connect={await bench.ServerLinkLocalAsync()}:{Bench.Port}", "--interface=eth0"];
        Scenario[] scenarios =
        [
            new("start to password, `--connect`, Curve25519 keys", "curve", 0.20, Times(25)) { Arguments = byAddress },
            new("the same with RSA-4096 keys made by the original", "rsa", 0.30, Times(25)) { Arguments = byAddress },
            new(
                "found by mDNS, interface up, 6 s of quiet before each run", "curve", 0.08,
                Times(9)) { Arguments = byMulticast, Quiet = 6 },
            new("the same back to back", "curve", 0.02, Times(4)) { Arguments = byMulticast, Quiet = 6, InARow = 5 },
            new(
                "found by mDNS, interface still down", "curve", 0.15,
                Times(7)) { Arguments = byMulticast, Quiet = 6, InterfaceDown = true },
            new(
                "`--connect` to a link-local address, interface still down", "curve", 0.05,
                Times(5)) { Arguments = byLinkLocal, Quiet = 1, InterfaceDown = true },
        ];
        var report = new Report();
        var all = new List<Series>();
        foreach (var scenario in scenarios)
        {
            var series = await scenario.RunAsync(bench, tell, laboratory.Token);
            all.Add(series);
            report.Add(
                scenario.Name, Median.Of(series.Original.Select(s => s.Exit)), Median.Of(series.Ours.Select(s => s.Exit)), scenario.Budget,
                s => Report.Format($"{s:F3} s"));
        }

        foreach (var (keys, series) in new[] { ("Curve25519", all[0]), ("RSA-4096", all[1]) })
        {
            report.Add(
                $"processor time of the process tree, `--connect`, {keys}", Median.Of(series.Original.Select(s => s.Cpu)),
                Median.Of(series.Ours.Select(s => s.Cpu)), keys == "RSA-4096"
                    ? 0.55
                    : 0.35,
                s => Report.Format($"{s * 1000:F0} ms"));
        }

        await bench.SetInterfaceAsync(up: true);
        var written = new List<(double Original, double Ours)>();
        foreach (var (name, keys, arguments, budget) in new[]
        {
            ("`--connect`, Curve25519", "curve", byAddress, 0.80), ("`--connect`, RSA-4096", "rsa", byAddress, 0.95),
            ("mDNS, Curve25519", "curve", byMulticast, 0.80),
        })
        {
            tell($"memory: {name}");
            var (original, ours) = (new List<Sample>(), new List<Sample>());
            for (var i = 0; i < Times(7); i++)
            {
                original.Add(await bench.RunAsync(Implementation.Original, "memory", keys, arguments));
                ours.Add(await bench.RunAsync(Implementation.Ours, "memory", keys, arguments));
            }

            static string Megabytes(double bytes) => Report.Format($"{bytes / 1e6:F1} MB");
            report.Add(
                $"peak memory of the process tree (RSS), {name}", Median.Of(original.Select(s => (double)s.Rss)),
                Median.Of(ours.Select(s => (double)s.Rss)), 0.75, Megabytes);
            report.Add(
                $"the same (PSS), {name}", Median.Of(original.Select(s => (double)s.Pss)), Median.Of(ours.Select(s => (double)s.Pss)),
                budget, Megabytes);
            report.Add(
                $"of it written, pages that are shared counted once, {name}",
                Report.Format($"{Median.Of(original.Select(s => (double)s.Dirty)).Value / 1e6:F1} MB"),
                Megabytes(Median.Of(ours.Select(s => (double)s.Dirty)).Value));
            written.Add((Median.Of(original.Select(s => (double)s.Dirty)).Value, Median.Of(ours.Select(s => (double)s.Dirty)).Value));
            var most = ours.Max(s => s.Processes);
            report.Add(
                $"processes at one moment, {name}", Report.Format($"{original.Max(s => s.Processes)}"), Report.Format($"{most}"), most, 2,
                "≤ 2");
        }

        await EndlessServerRuns.AddAsync(report.BesideHostile, bench, Times(25), tell);
        tell("size");
        var size = await ProgramSize.OfAsync(
            laboratory, Path.Combine(PublishedPrograms.Folder, "mandos-client"),
            Path.Combine(
                Golden.Root, "src", "Mandos.Client", "obj", "Release", "net10.0", RuntimeInformation.RuntimeIdentifier, "native",
                "mandos-client.o"));
        report.Add(
            "boot executable, stripped", "13.8 MB in 47 files", Report.Format($"{size.File / 1e6:F2} MB in 1 file"), size.File, 6.1e6,
            "≤ 6.1 MB");
        report.Add(
            "the same after zstd -19", "5.5 MB", Report.Format($"{size.Compressed / 1e6:F2} MB"), size.Compressed, 2.35e6, "≤ 2.35 MB");
        // An initramfs lies in memory: what a run costs is the file and what it writes.
        var (sumOfOriginal, sum) = (OriginalFiles + written[0].Original, size.File + written[0].Ours);
        report.Add(
            "bytes in the image and what a run writes, `--connect`, Curve25519", Report.Format($"{sumOfOriginal / 1e6:F1} MB"),
            Report.Format($"{sum / 1e6:F1} MB"),
            sum / sumOfOriginal, 0.60, "≤ 0.60 of the original's");
        return report.Text(
            size, await bench.ExecutionsAsync(Implementation.Original, "curve", byAddress),
            await bench.ExecutionsAsync(Implementation.Ours, "curve", byAddress));
    }
}
