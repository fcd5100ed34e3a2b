using System.Globalization;

namespace Mandos.Interop.Drills;

/// <summary>A wall clock that jumps, as NTP or an administrator sets it, while the server runs and while it does not.</summary>
public sealed partial class ServerDrillTests
{
    private static readonly TimeSpan Jump = TimeSpan.FromDays(3);

    [Fact]
    public async Task A_wall_clock_that_jumps_forward_disables_no_client()
    {
        await using var site = await ServedByClockAsync();
        site.SetClock(Jump);
        // So the server sees it.
        await site.CallAsync("off", "Enable");
        Assert.InRange(await SinceAsync(site, "off", "LastEnabled"), Jump - TimeSpan.FromHours(1), Jump + TimeSpan.FromHours(1));
        // What is over is looked for again, now and then.
        await site.SetAsync("off", "Timeout", 1000UL);
        await WaitForEndAsync(site, "off");
        Assert.Equal(true, (await site.ClientsAsync())["on"]["Enabled"]);
        Assert.Null(await site.FetchAsync("on", "on"u8.ToArray()));
        // Neither does one while no server runs, in the same run of the machine.
        await site.KillAsync();
        site.SetClock(2 * Jump);
        await site.ServeAsync();
        Assert.Equal((true, false), ((await site.ClientsAsync())["on"]["Enabled"], (await site.ClientsAsync())["off"]["Enabled"]));
        Assert.Null(await site.FetchAsync("on", "on"u8.ToArray()));
    }

    [Fact]
    public async Task A_wall_clock_that_jumps_back_gives_no_client_more_time()
    {
        await using var site = await ServedByClockAsync();
        await site.SetAsync("on", "Timeout", 3000UL);
        site.SetClock(-Jump);
        await WaitForEndAsync(site, "on");
        Assert.NotNull(await site.FetchAsync("on", "on"u8.ToArray()));
        await site.KillAsync();
        site.SetClock(-2 * Jump);
        await site.ServeAsync();
        Assert.Equal(false, (await site.ClientsAsync())["on"]["Enabled"]);
    }

    /// <summary>As a debugger, <c>docker pause</c> or a starved host does it.</summary>
    [Fact]
    public async Task A_server_paused_for_longer_than_a_timeout_checks_healthy_clients_once_more_before_it_disables_them()
    {
        await using var site = await DrillSite.MakeAsync(Lab, "");
        var clients = await DrillSite.MakeKeysAsync(site.Machine, ["well", "ill"], System.Text.Encoding.ASCII.GetBytes, Token);
        site.Machine.WriteFile(
            "/etc/mandos/clients.conf",
            $"[DEFAULT]\nchecker = test %%(host)s = well\ntimeout = PT10S\nextended_timeout = PT10S\ninterval = "
                + $"PT2S\n\n{clients.Replace("[well]", "[well]\nhost = well", StringComparison.Ordinal)}");
        await site.ServeAsync();
        while ((await site.ClientsAsync())["well"]["LastCheckedOK"] is "")
            await Task.Delay(50, Token);
        site.Run.Signal("STOP");
        await Task.Delay(TimeSpan.FromSeconds(24), Token);
        site.Run.Signal("CONT");
        Assert.Null(await site.FetchAsync("well", "well"u8.ToArray()));
        await site.Run.WaitForLineAsync("the server was not running for 2[0-9] s", TimeSpan.FromSeconds(10), Token);
        Assert.NotNull(await site.FetchAsync("ill", "ill"u8.ToArray()));
        // One more check, and no more than that.
        Assert.Equal(true, (await site.ClientsAsync())["well"]["Enabled"]);
        await site.SetAsync("well", "Host", "gone");
        await WaitForEndAsync(site, "well");
    }

    /// <summary>As <see cref="ServedAsync"/>, on a clock that can be set.</summary>
    private async Task<DrillSite> ServedByClockAsync()
    {
        var site = await ServedAsync();
        await site.KillAsync();
        await site.TakeClockAsync();
        await site.ServeAsync();
        return site;
    }

    private static async Task WaitForEndAsync(DrillSite site, string client)
    {
        var began = TimeProvider.System.GetTimestamp();
        while ((await site.ClientsAsync())[client]["Enabled"] is true)
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30),
                $"{client} is still enabled; the server said:\n{site.Run.Errors}");
            await Task.Delay(50, Token);
        }
    }

    /// <summary>How far a time that is shown is from the machine's clock.</summary>
    private static async Task<TimeSpan> SinceAsync(DrillSite site, string client, string property) =>
        DateTime.Parse(
            (string)(await site.ClientsAsync())[client][property], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)
            - TimeProvider.System.GetUtcNow().UtcDateTime;
}
