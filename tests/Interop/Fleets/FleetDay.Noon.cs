namespace Mandos.Interop.Fleets;

/// <content>Machines that do not answer for a while, and the administrator's ordinary work.</content>
internal sealed partial class FleetDay
{
    private const string Hold = "/srv/hold";

    private async Task ChecksAsync()
    {
        await StepAsync("the office is checked", () => CheckAsync("office"));
        await StepAsync("the office does not answer", async () =>
        {
            _site.IsUp("office", false);
            await CheckAsync("office");
            await CheckAsync("office");
        });
        await StepAsync("the office answers again", async () =>
        {
            _site.IsUp("office", true);
            await CheckAsync("office");
        });
        await StepAsync("a check is killed", async () =>
        {
            await ControlAsync("--checker", "kill -9 $$", "office");
            await CheckAsync("office");
        });
        await StepAsync("a check is stopped", async () =>
        {
            _site.Server.WriteFile(Hold, "", (UnixFileMode)0b110_100_100);
            await ControlAsync("--checker", $"while test -e {Hold}; do sleep 0.1; done", "--start-checker", "office");
            // One is enough.
            await ControlAsync("--start-checker", "office");
            await ControlAsync("--stop-checker", "office");
            File.Delete(_site.Server.HostPath(Hold));
        });
        await StepAsync("a check that cannot be made", () => ControlAsync("--checker=test %(nosuch)s", "--start-checker", "office"));
        await StepAsync("a check with a host name of the worst kind", async () =>
        {
            await ControlAsync(
                "--host", "it's; a \"host\" $HOME", "--checker",
                "test %(host)s = \"it's; a \\\"host\\\" \\$HOME\" -a -e /srv/alive/%(name)s -a %(timeout)s = 0:10:00", "office");
            await CheckAsync("office");
        });
        await StepAsync(
            "the checks of the office are as before",
            () => ControlAsync("--host=office", "--checker", "test -e /srv/alive/%(host)s", "office"));
    }

    private async Task AdministrationAsync()
    {
        await StepAsync("a look at everything", async () =>
        {
            await ControlAsync("--verbose");
            await ControlAsync("--dump-json");
            await ControlAsync("shop", "office");
            await ControlAsync("--is-enabled", "shop");
        });
        await StepAsync("slips of the administrator", async () =>
        {
            await ControlAsync("--disable", "nosuch", "shop");
            await ControlAsync("--disable");
            await ControlAsync("--timeout=soon", "--verbose", "shop");
        });
        await StepAsync("the shop gets other settings", async () =>
        {
            var position = _site.Bus.Count;
            await ControlAsync(
                "--bump-timeout", "--timeout=PT20M", "--extended-timeout=PT1H", "--host=shop", "--checker=test -e /srv/alive/shop",
                "--approval-delay=PT0S", "--approval-duration=PT5S", "--deny-by-default", "--interval=P2W", "shop");
            await SignalAsync("shop", "CheckerCompleted", position);
            await ControlAsync("--approve-by-default", "shop");
        });
        await StepAsync("office and shop get other secrets", async () =>
        {
            foreach (var name in (string[])["office", "shop"])
            {
                _site.Server.WriteFile($"/srv/{name}", Member(name).Secrets["changed"]);
                await ControlAsync("--secret", $"/srv/{name}", name);
                await AsksAndGetsAsync(name);
            }
        });
        await StepAsync("the shop is disabled", async () =>
        {
            await ControlAsync("--disable", "shop");
            await ControlAsync("--is-enabled", "shop");
            await AsksAndIsRejectedAsync("shop");
        });
        await StepAsync("the shop is enabled", async () =>
        {
            await EnableAsync("shop");
            await ControlAsync("--is-enabled", "shop");
            await AsksAndGetsAsync("shop");
        });
    }

    /// <summary>Enables a client, and checks it. Ours does so by itself: that check is waited for.</summary>
    private async Task EnableAsync(string name)
    {
        var position = _site.Bus.Count;
        await ControlAsync("--enable", name);
        if (_site.ChecksWhenEnabled)
            await SignalAsync(name, "CheckerCompleted", position);
        await CheckAsync(name);
    }
}
