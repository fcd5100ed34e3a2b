using Mandos.Bus.Messages;

namespace Mandos.Interop.Drills;

/// <summary>State directories that something is wrong with.</summary>
public sealed partial class ServerDrillTests
{
    private const string Store = $"{DrillSite.State}/clients.sqlite";

    [Fact]
    public async Task On_a_full_disk_disabling_works_enabling_is_refused_and_passwords_are_delivered()
    {
        await using var site = await DrillSite.MakeAsync(Lab, "", "1m");
        var keys = await KeySet.OfOursAsync(site.Machine, Token);
        keys.InstallOn(site.Machine);
        var stanza = await keys.StanzaAsync(site.Machine, Password.Plain, Token);
        var others = await DrillSite.MakeKeysAsync(site.Machine, ["off", "on"], System.Text.Encoding.ASCII.GetBytes, Token);
        site.Machine.WriteFile("/etc/mandos/clients.conf", $"[DEFAULT]\nchecker = sleep 1000\ntimeout = PT1H\n\n{stanza}\n{others}");
        await site.ServeAsync();
        await site.CallAsync("off", "Disable");
        await site.SetAsync("on", "Host", "before");
        await site.Machine.ShellAsync($"cat /dev/zero >{DrillSite.State}/filler 2>/dev/null || true", Token);

        var disabling = await Assert.ThrowsAsync<BusException>(() => site.CallAsync("on", "Disable"));
        Assert.Equal((BusErrors.Failed, $"it is done, but not saved yet: {Store}: the disk is full"), (disabling.Name, disabling.Message));
        var enabling = await Assert.ThrowsAsync<BusException>(() => site.CallAsync("off", "Enable"));
        Assert.Equal(
            (BusErrors.Failed, $"it is not done, because it cannot be saved: {Store}: the disk is full"),
            (enabling.Name, enabling.Message));
        var now = await site.ClientsAsync();
        Assert.Equal((false, false, "before"), (now["on"]["Enabled"], now["off"]["Enabled"], now["on"]["Host"]));
        Assert.NotNull(await site.FetchAsync("on", "on"u8.ToArray()));
        Assert.NotNull(await site.FetchAsync("off", "off"u8.ToArray()));
        var fetched = await MandosClient.RunAsync(site.Machine, Implementation.Ours, Token, "--connect=127.0.0.1:8888");
        Assert.Equal(Password.Plain, fetched.OrThrow().Output);

        File.Delete(site.Machine.HostPath($"{DrillSite.State}/filler"));
        await site.Run.WaitForLineAsync("is saved again", TimeSpan.FromSeconds(60), Token);
        await site.KillAsync();
        await site.ServeAsync();
        now = await site.ClientsAsync();
        Assert.Equal(
            (false, false, true, "before"), (now["on"]["Enabled"], now["off"]["Enabled"], now["client"]["Enabled"], now["on"]["Host"]));
        Assert.Equal(
            Password.Plain,
            (await MandosClient.RunAsync(site.Machine, Implementation.Ours, Token, "--connect=127.0.0.1:8888")).OrThrow().Output);
    }

    [Fact]
    public async Task With_a_full_disk_at_the_start_machines_still_boot_and_no_client_is_enabled()
    {
        await using var site = await ServedAsync("1m");
        await site.KillAsync();
        await site.Machine.ShellAsync($"cat /dev/zero >{DrillSite.State}/filler 2>/dev/null || true", Token);
        await ServesUnsavedAsync(site);
        File.Delete(site.Machine.HostPath($"{DrillSite.State}/filler"));
        await SavesAgainAsync(site);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_read_only_state_directory_prevents_no_boot_and_enables_no_client(bool wasKilled)
    {
        await using var site = await ServedAsync();
        await EndAsync(site, wasKilled);
        var before = site.Files();
        await site.Machine.ShellAsync(
            $"mount --bind {DrillSite.State} {DrillSite.State}; mount -o remount,bind,ro {DrillSite.State}", Token);
        await ServesUnsavedAsync(site);
        Assert.Equal(before, site.Files());
        await site.Machine.ShellAsync($"mount -o remount,bind,rw {DrillSite.State}", Token);
        await SavesAgainAsync(site);
    }

    [Fact]
    public async Task Without_state_configured_clients_are_served_although_nothing_can_be_saved()
    {
        await using var site = await DrillSite.MakeAsync(Lab, "");
        var clients = await DrillSite.MakeKeysAsync(site.Machine, ["on"], System.Text.Encoding.ASCII.GetBytes, Token);
        site.Machine.WriteFile("/etc/mandos/clients.conf", $"[DEFAULT]\nchecker = sleep 1000\n\n{clients}");
        await site.Machine.ShellAsync(
            $"mount --bind {DrillSite.State} {DrillSite.State}; mount -o remount,bind,ro {DrillSite.State}", Token);
        await site.ServeAsync();
        Assert.Null(await site.FetchAsync("on", "on"u8.ToArray()));
        Assert.Contains("nothing can be saved: ", site.Run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_clients_conf_does_not_prevent_boots_after_the_first_start()
    {
        await using var site = await ServedAsync();
        await site.KillAsync();
        var clients = site.Machine.ReadFile("/etc/mandos/clients.conf");
        site.Machine.WriteFile("/etc/mandos/clients.conf", [.. clients, .. "[on]\n"u8]);
        await site.ServeAsync();
        await AsItWasAsync(site);
        Assert.Null(await site.FetchAsync("on", "on"u8.ToArray()));
        Assert.NotNull(await site.FetchAsync("off", "off"u8.ToArray()));
        Assert.Contains("2 clients that are not in the others are served as they were saved", site.Run.Errors, StringComparison.Ordinal);
        site.Machine.WriteFile("/etc/mandos/clients.conf", clients);
        site.Run.Signal("HUP");
        await site.Run.WaitForLineAsync("0 changed, added or removed", TimeSpan.FromSeconds(30), Token);
        await AsItWasAsync(site);
    }

    private static async Task ServesUnsavedAsync(DrillSite site)
    {
        await site.ServeAsync();
        await AsItWasAsync(site);
        Assert.Contains("nothing can be saved: ", site.Run.Errors, StringComparison.Ordinal);
        Assert.Null(await site.FetchAsync("on", "on"u8.ToArray()));
        Assert.NotNull(await site.FetchAsync("off", "off"u8.ToArray()));
        var enabling = await Assert.ThrowsAsync<BusException>(() => site.CallAsync("off", "Enable"));
        Assert.StartsWith("it is not done, because it cannot be saved: ", enabling.Message, StringComparison.Ordinal);
    }

    private static async Task SavesAgainAsync(DrillSite site)
    {
        await site.Run.WaitForLineAsync("is saved again", TimeSpan.FromSeconds(90), Token);
        await site.CallAsync("off", "Enable");
        await site.CallAsync("off", "Disable");
        await site.KillAsync();
        await site.ServeAsync();
        await AsItWasAsync(site);
        Assert.DoesNotContain("nothing can be saved: ", site.Run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_server_on_one_state_directory_is_refused_and_the_first_continues()
    {
        await using var site = await ServedAsync();
        var second = await site.RefuseAsync(8889, "--no-dbus");
        Assert.Equal(
            (1, $"mandos: error: another server uses {DrillSite.State}\nhint: each server needs its own state directory: --statedir\n"),
            (second.ExitCode, DrillSite.ErrorOf(second)));
        await site.SetAsync("on", "Host", "meanwhile");
        Assert.Null(await site.FetchAsync("on", "on"u8.ToArray()));
        await site.KillAsync();
        await site.ServeAsync();
        Assert.Equal("meanwhile", (await site.ClientsAsync())["on"]["Host"]);
    }

    /// <summary>Serves two clients, of which one was disabled and one given another host; then something that does not matter.</summary>
    private async Task<DrillSite> ServedAsync(string? stateSize = null)
    {
        var site = await DrillSite.MakeAsync(Lab, "", stateSize);
        var clients = await DrillSite.MakeKeysAsync(site.Machine, ["off", "on"], System.Text.Encoding.ASCII.GetBytes, Token);
        site.Machine.WriteFile(
            "/etc/mandos/clients.conf", $"[DEFAULT]\nchecker = sleep 1000\ntimeout = PT1H\nhost = configured\n\n{clients}");
        await site.ServeAsync();
        await site.CallAsync("off", "Disable");
        await site.SetAsync("on", "Host", "changed");
        for (var n = 0UL; n < 3; n++)
            await site.SetAsync("on", "ApprovalDuration", n);
        return site;
    }

    private static async Task AsItWasAsync(DrillSite site)
    {
        var now = await site.ClientsAsync();
        Assert.Equal(
            (false, "configured", true, "changed"), (now["off"]["Enabled"], now["off"]["Host"], now["on"]["Enabled"], now["on"]["Host"]));
    }

    private static async Task EndAsync(DrillSite site, bool byKill)
    {
        if (byKill)
            await site.KillAsync();
        else
            Assert.Equal(0, await site.StopAsync());
    }
}
