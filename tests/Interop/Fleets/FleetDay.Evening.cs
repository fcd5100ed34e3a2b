namespace Mandos.Interop.Fleets;

/// <content>One machine is carried away, one comes back too late; the server is restarted twice.</content>
internal sealed partial class FleetDay
{
    private async Task TooLateAsync()
    {
        await StepAsync("the laptop is carried away while the cabin boots", async () =>
        {
            // Its time begins when it has its password, and it may take six seconds.
            await AsksAndGetsAsync("cabin");
            var position = _site.Bus.Count;
            await ControlAsync("--bump-timeout", "--timeout=PT6S", "--interval=PT4S", "laptop");
            await SignalAsync("laptop", "CheckerCompleted", position);
            _site.IsUp("laptop", false);
            position = _site.Bus.Count;
            await SignalAsync("laptop", "CheckerCompleted", position);
            await ChangeAsync("laptop", "Enabled", "False");
            await ChangeAsync("cabin", "Enabled", "False");
        });
        await StepAsync("who has the laptop asks", () => AsksAndIsRejectedAsync("laptop"));
        await StepAsync("the cabin comes back too late", async () =>
        {
            await AsksAndIsRejectedAsync("cabin");
            // It is up, but that does not help it.
            await CheckAsync("cabin");
            await AsksAndIsRejectedAsync("cabin");
        });
        await StepAsync("the cabin is given more time", async () =>
        {
            await ControlAsync("--extended-timeout=PT20M", "cabin");
            await EnableAsync("cabin");
            await AsksAndGetsAsync("cabin");
        });
    }

    private async Task RestartsAsync()
    {
        await StepAsync("the server stops in the middle of everything", async () =>
        {
            await ControlAsync("--approval-duration=PT1S", "--approval-delay=PT5S", "vault");
            await ControlAsync("--deny", "vault");
            await DecisionRunsOutAsync();
            _site.Server.WriteFile(Hold, "", (UnixFileMode)0b110_100_100);
            await ControlAsync("--checker", $"while test -e {Hold}; do sleep 0.1; done", "--start-checker", "office");
            var asking = _site.Ask(Member("vault"));
            await SignalAsync("vault", "NeedApproval");
            // The original waits for the check to end; it never ends while a client waits, not even when the time for the decision is over.
            await StopAsync(() => File.Delete(_site.Server.HostPath(Hold)), TimeSpan.FromSeconds(20));
            await GetsNothingAsync("vault", asking);
            await ControlAsync("--dump-json");
        });
        await StepAsync("the server is back", async () =>
        {
            await _site.StartServerAsync(FleetConfiguration.Morning(_members));
            await ControlAsync("--dump-json");
            await AsksAndIsRejectedAsync("laptop");
            await AsksAndGetsAsync("office");
        });
        await StepAsync("the cabin is removed", async () =>
        {
            await ControlAsync("--remove", "cabin");
            await ControlAsync();
            await AsksAndIsNotFoundAsync("cabin");
        });
        await StepAsync("the server stops for the evening's configuration", async () =>
            await StopAsync(() => { }, Patience));
        await StepAsync("the server starts with the evening's configuration", async () =>
        {
            await _site.StartServerAsync(FleetConfiguration.Evening(_members));
            await ControlAsync("--dump-json");
        });
        await StepAsync("the evening", async () =>
        {
            await AsksAndGetsAsync("office");
            await AsksAndGetsAsync("shop");
            await AsksAndIsNotFoundAsync("laptop");
            await AsksAndIsNotFoundAsync("cabin");
            await AsksAndIsRejectedAsync("stranger");
            await EnableAsync("stranger");
            await AsksAndGetsAsync("stranger");
        });
        await StepAsync("the end of the day", async () =>
            await StopAsync(() => { }, Patience));
    }

    private async Task StopAsync(Action then, TimeSpan limit) => Journal.Write(
        _step, "server", await _site.StopServerAsync(then, limit) is { } code ? $"exit code {code}" : "does not end and is killed");
}
