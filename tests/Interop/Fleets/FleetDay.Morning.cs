namespace Mandos.Interop.Fleets;

/// <content>Power comes back, and the one machine that needs a person's consent.</content>
internal sealed partial class FleetDay
{
    private async Task MorningAsync()
    {
        await StepAsync("the server starts", async () =>
        {
            await _site.StartServerAsync(FleetConfiguration.Morning(_members));
            await ControlAsync();
        });
        await StepAsync("power is back", async () => await Task.WhenAll(
            AsksAndGetsAsync("office"), AsksAndGetsAsync("laptop"), AsksAndGetsAsync("shop")));
        await StepAsync("a stranger asks", async () =>
        {
            await AsksAndIsNotFoundAsync("stranger");
            await AsksAndIsNotFoundAsync("stranger", "[fd00:1::1]");
            await AsksAndIsNotFoundAsync("stranger", $"[{await _site.LinkLocalAddressAsync()}%eth0]");
        });
    }

    private async Task ApprovalsAsync()
    {
        await StepAsync("the vault is approved", async () =>
        {
            var asking = await AsksForApprovalAsync();
            await ControlAsync("--approve", "vault");
            await WaitEndsAsync(asking, gets: true);
        });
        await DecisionRunsOutAsync();
        await StepAsync("the vault is denied", async () =>
        {
            var asking = await AsksForApprovalAsync();
            await ControlAsync("--deny", "vault");
            await WaitEndsAsync(asking, gets: false);
        });
        await DecisionRunsOutAsync();
        await StepAsync("no decision about the vault, which means yes", async () =>
        {
            await ControlAsync("--approval-delay=PT3S", "--approve-by-default", "vault");
            await WaitEndsAsync(await AsksForApprovalAsync(), gets: true);
        });
        await StepAsync("no decision about the vault, which means no", async () =>
        {
            await ControlAsync("--deny-by-default", "vault");
            await WaitEndsAsync(await AsksForApprovalAsync(), gets: false);
        });
        await StepAsync("the vault is disabled while it waits", async () =>
        {
            await ControlAsync("--approve-by-default", "vault");
            var asking = await AsksForApprovalAsync();
            await ControlAsync("--disable", "vault");
            await WaitEndsAsync(asking, gets: _site.GivesToTheDisabled);
        });
        await StepAsync("the vault is approved before it asks", async () =>
        {
            await EnableAsync("vault");
            await ControlAsync("--approval-delay=PT5M", "--deny-by-default", "--approval-duration=PT1M", "vault");
            await ControlAsync("--approve", "vault");
            await AsksAndGetsAsync("vault");
        });
    }

    /// <summary>
    /// Asks, and waits for a decision. The original forgets to tell of the end of a wait when the connection ends in the same
    /// moment: its client does nothing until that was told.
    /// </summary>
    private async Task<RunningProcess> AsksForApprovalAsync()
    {
        var asking = _site.Ask(Member("vault"));
        await SignalAsync("vault", "NeedApproval");
        if (_site.ForgetsTheEndOfAWait)
            asking.Signal("STOP");
        return asking;
    }

    /// <summary>Waits for the end of a wait, and for what it brings.</summary>
    private async Task WaitEndsAsync(RunningProcess asking, bool gets)
    {
        await ChangeAsync("vault", "ApprovalPending", "False");
        if (_site.ForgetsTheEndOfAWait)
            asking.Signal("CONT");
        if (gets)
            await GetsAsync("vault", _position, asking);
        else
            await GetsNothingAsync("vault", asking);
    }

    /// <summary>A decision holds for a second (the default of approval_duration), and its end cannot be seen.</summary>
    private Task DecisionRunsOutAsync() => Task.Delay(TimeSpan.FromSeconds(1.5), _token);
}
