using System.Diagnostics;
using System.Globalization;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Store;

namespace Mandos.Server.Tests.Store;

/// <summary>SIGKILL at any moment of a server under load.</summary>
public sealed class StoreDrillTests
{
    private const int Kills = 200;
    private const int AtATime = 4;

    [Fact]
    public async Task A_kill_at_any_moment_loses_nothing_that_was_acknowledged()
    {
        var drills = Enumerable.Range(0, AtATime).Select(seed => Task.Run(() => DrillAsync(new Random(seed))));
        var changes = await Task.WhenAll(drills);
        // Otherwise nothing was drilled.
        Assert.True(changes.Sum() > Kills, $"{changes.Sum()} changes in {Kills} runs");
    }

    private static async Task<long> DrillAsync(Random random)
    {
        using var test = new TestStore();
        var last = 0L;
        for (var kill = 0; kill < Kills / AtATime; kill++)
            last = Check(test.Folder, await RunAndKillAsync(test.Folder, last, random));
        return last;
    }

    /// <summary>The number of the last change that was acknowledged.</summary>
    private static async Task<long> RunAndKillAsync(string folder, long last, Random random)
    {
        using var child =
            Process.Start(new ProcessStartInfo(
                Environment.ProcessPath!, Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
                    ? [typeof(StoreDrill).Assembly.Location]
                    : [])
            {
                RedirectStandardOutput = true,
                Environment =
                { [StoreDrill.Variable] = folder, [StoreDrill.FirstVariable] = (last + 1).ToString(CultureInfo.InvariantCulture),
                    ["DOTNET_TieredPGO"] = "0", ["DOTNET_EnableDiagnostics"] = "0" },
            })!;
        var token = TestContext.Current.CancellationToken;
        // One in four dies while it starts, the others some time after one of the first changes.
        Task? death = random.Next(4) == 0 ? KillAsync(child, random.Next(200)) : null;
        var changes = random.Next(1, 6);
        while (await child.StandardOutput.ReadLineAsync(token) is { } line)
        {
            if (--changes <= 0)
                death ??= KillAsync(child, random.Next(60));
            // The last line may be cut off by the kill only if it was not written whole: a pipe takes so few bytes at once.
            last = long.Parse(line, CultureInfo.InvariantCulture);
        }

        await (death ?? Task.CompletedTask);
        await child.WaitForExitAsync(token);
        Assert.Equal(128 + 9, child.ExitCode);
        return last;
    }

    private static async Task KillAsync(Process child, int milliseconds)
    {
        await Task.Delay(milliseconds);
        child.Kill();
    }

    /// <summary>The store is as after the last acknowledged change, or after the next one, which was not acknowledged.</summary>
    private static long Check(string folder, long acknowledged)
    {
        using var store = SqliteClientStore.Open(folder, TimeProvider.System, BootClock.OfSystem());
        var clients = store.Load().Clients.Select(c => c.State).ToList();
        clients.ForEach(c => c.Secret.Dispose());
        var found = clients.Select(c => (c.Name, c.Enabled, c.SecretsGiven)).ToHashSet();
        if (found.SetEquals(After(acknowledged)))
            return acknowledged;
        Assert.True(found.SetEquals(After(acknowledged + 1)), $"after change {acknowledged}: {string.Join(", ", found)}");
        return acknowledged + 1;
    }

    private static HashSet<(string Name, bool Enabled, long Number)> After(long last)
    {
        var expected = new HashSet<(string, bool, long)>();
        for (var n = Math.Max(1, last - StoreDrill.Clients + 1); n <= last; n++)
        {
            var (name, there, enabled) = StoreDrill.Change(n);
            if (there)
                expected.Add((name, enabled, n));
        }

        return expected;
    }
}
