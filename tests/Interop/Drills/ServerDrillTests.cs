using System.Globalization;

namespace Mandos.Interop.Drills;

/// <summary>Our server, as published, when the worst happens to it.</summary>
public sealed partial class ServerDrillTests : InteropTest
{
    private const int Kills = 200;
    private const int AtATime = 2;
    private const int Operators = 4;
    private static readonly string[] Names =
        [.. Enumerable.Range(0, 20).Select(n => string.Create(CultureInfo.InvariantCulture, $"client{n}"))];

    /// <summary>$MANDOS_DRILL_SEED repeats a drill, as far as moments can be repeated.</summary>
    [Fact]
    public async Task A_kill_at_any_moment_loses_no_acknowledged_change_and_enables_no_client()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("MANDOS_DRILL_SEED"), CultureInfo.InvariantCulture, out var chosen)
            ? chosen
            : Random.Shared.Next();
        Lab.Log($"MANDOS_DRILL_SEED={seed}");
        TestContext.Current.AddAttachment("seed", seed.ToString(CultureInfo.InvariantCulture));
        try
        {
            var drills = await Task.WhenAll(Enumerable.Range(0, AtATime).Select(n => Task.Run(() => DrillAsync(new Random(seed + n)))));
            var (changes, disabled, given, refused) = (
                drills.Sum(d => d.Changes), drills.Sum(d => d.Disabled), drills.Sum(d => d.Given), drills.Sum(d => d.Refused));
            Lab.Log(
                $"{Kills} kills, {changes} acknowledged changes, {disabled} disabled clients found disabled, {given} secrets given, "
                    + $"{refused} refused");
            // Otherwise nothing was drilled.
            Assert.True(
                changes > 2 * Kills && disabled > Kills && given > Kills / 10 && refused > 0,
                $"too little was drilled: {changes} changes, {disabled} disabled, {given} given, {refused} refused");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"MANDOS_DRILL_SEED={seed}", e);
        }
    }

    private async Task<(int Changes, int Disabled, int Given, int Refused)> DrillAsync(Random random)
    {
        await using var site = await DrillSite.MakeAsync(Lab, "");
        var load = new DrillLoad(site, random);
        var clients = await DrillSite.MakeKeysAsync(site.Machine, Names, System.Text.Encoding.ASCII.GetBytes, Token);
        site.Machine.WriteFile(
            "/etc/mandos/clients.conf", $"[DEFAULT]\nchecker = test -d /\ntimeout = PT10H\nextended_timeout = PT10H\n\n{clients}");
        foreach (var name in Names)
            load.Configured(name, System.Text.Encoding.ASCII.GetBytes(name));
        var (disabled, given, refused) = (0, 0, 0);
        await site.ServeAsync();
        Assert.Empty(await load.CompareAsync());
        for (var kill = 0; kill < Kills / AtATime; kill++)
        {
            var operators = Enumerable.Range(0, Operators)
                .Select(n => load.ChangeAsync([.. Names.Where((_, i) => i % Operators == n)]))
                .ToList();
            await Task.Delay(random.Next(250), Token);
            await site.KillAsync();
            await Task.WhenAll(operators);
            // One in four dies once more while it starts.
            if (random.Next(4) == 0)
            {
                site.Start();
                await Task.Delay(random.Next(200), Token);
                await site.KillAsync();
            }

            disabled += load.Disabled;
            await site.ServeAsync();
            var wrong = await load.CompareAsync();
            Assert.True(wrong.Count == 0, $"after kill {kill}: {string.Join("; ", wrong)}\n{site.Run.Errors}");
            switch (await FetchAsync(site, load))
            {
                case true:
                    given++;
                    break;
                case false:
                    refused++;
                    break;
                default:
                    break;
            }
        }

        return (load.Acknowledged, disabled, given, refused);
    }

    /// <summary>
    /// The client that was changed last asks for its secret: true if it got what it was to get, false if it was refused as it
    /// was to be; null if that is not certain, or an operator would have to decide.
    /// </summary>
    private static async Task<bool?> FetchAsync(DrillSite site, DrillLoad load)
    {
        if (load.Last is not { } client
            || load.Certain(client, "ApprovalDelay") is not (0UL or 1UL)
            || load.Certain(client, "Secret") is not byte[] secret)
            return null;
        // Without a delay there is no approval.
        var expected = load.Certain(client, "Enabled") is true
            && (load.Certain(client, "ApprovedByDefault") is true || load.Certain(client, "ApprovalDelay") is 0UL);
        var problem = await site.FetchAsync(client, secret);
        Assert.True(
            problem is null == expected,
            $"{client} was {(expected ? "" : "not ")}to get its secret: {problem ?? "it got it"}\n{site.Run.Errors}");
        return expected;
    }
}
