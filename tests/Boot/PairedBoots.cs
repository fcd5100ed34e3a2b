using System.Globalization;
using Mandos.Boot.Emulation;
using Mandos.Boot.Guests;

namespace Mandos.Boot;

/// <summary>
/// Times of boots with the original's client and with ours, in turn on the same machine: the same keys (RSA-4096, made by
/// the original), the same server (Debian's, with its avahi-daemon), the same disk.
/// </summary>
internal static class PairedBoots
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Prints a table in Markdown.</summary>
    public static async Task<int> RunAsync(int pairs, CancellationToken cancellationToken)
    {
        Console.WriteLine("| initramfs | what | the original | ours | ratio | budget | |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var suite in new[] { DebianRelease.Bookworm, DebianRelease.Trixie })
        {
            foreach (var generator in new[] { Generator.InitramfsTools, Generator.DracutSystemd })
                await CompareAsync(suite, generator, pairs, cancellationToken);
        }

        return 0;
    }

    private static async Task CompareAsync(DebianRelease release, Generator generator, int pairs, CancellationToken cancellationToken)
    {
        var all = new Dictionary<GuestSoftware, List<Run>> { [GuestSoftware.Original] = [], [GuestSoftware.Ours] = [] };
        // The first pair, which fills caches, does not count; who begins changes.
        for (var pair = -1; pair < pairs; pair++)
        {
            GuestSoftware[] order = [GuestSoftware.Original, GuestSoftware.Ours];
            foreach (var software in pair % 2 == 0 ? order : order.Reverse())
            {
                var run = await BootAsync(release, generator, software, cancellationToken);
                await Console.Error.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{release} {generator} {software} {pair}: kernel to root {run.KernelToRoot:F2} s, prompt to root "
                        + $"{run.PromptToRoot:F2} s"));
                if (pair >= 0)
                    all[software].Add(run);
            }
        }

        Row("kernel start to decrypted root", r => r.KernelToRoot);
        Row("prompt to decrypted root", r => r.PromptToRoot, generator == Generator.InitramfsTools ? 0.5 : 0.8);

        void Row(string what, Func<Run, double> value, double? budget = null)
        {
            var original = all[GuestSoftware.Original].Select(value).Order().ToArray();
            var ours = all[GuestSoftware.Ours].Select(value).Order().ToArray();
            var ratio = Median(ours) / Median(original);
            var judged = budget is { } most
                ? string.Create(CultureInfo.InvariantCulture, $"≤ {most:F2} | {(ratio <= most ? "met" : "**missed**")}")
                : " |";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {release}, {generator} | {what} | {Spread(original)} | {Spread(ours)} | {ratio:F2} | {judged} |"));
        }
    }

    private static async Task<Run> BootAsync(
        DebianRelease release, Generator generator, GuestSoftware software, CancellationToken cancellationToken)
    {
        await using var site = await Site.StartAsync(_ => { }, cancellationToken);
        var keys = await KeySet.OfOriginalAsync(site.Laboratory, DebianRelease.Bookworm);
        await site.ServeAsync(Implementation.Original, keys);
        var guest = await site.BootAsync(new() { Release = release, Generator = generator, Software = software, Keys = keys });
        var report = await GuestReport.WaitAsync(guest, Limit, cancellationToken);
        // The answer can be faster than the prompt.
        var prompt = guest.Console.Find(GuestPrompt.Of(generator));
        return new(
            report.KernelToRoot.TotalSeconds,
            prompt is null || prompt.Time > report.Root.Time ? 0 : Sight.Between(prompt, report.Root).TotalSeconds);
    }

    private static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;

    private static string Spread(double[] sorted) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median(sorted):F1} s ({sorted[0]:F1} - {sorted[^1]:F1})");

    /// <param name="KernelToRoot">Seconds by the guest's clock.</param>
    /// <param name="PromptToRoot">Seconds by ours.</param>
    private sealed record Run(double KernelToRoot, double PromptToRoot);
}
