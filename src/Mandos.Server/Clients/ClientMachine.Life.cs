using Mandos.Core.Linux.Processes;

namespace Mandos.Server.Clients;

/// <summary>Enabling, disabling, and the checks that keep a client enabled.</summary>
internal static partial class ClientMachine
{
    /// <summary>
    /// Starts an enabled client with its full timeout, or with the time that is left if that is longer (the extended timeout, for booting).
    /// A client that expired while no server ran is disabled only if it never answered or if its last check failed, and if it was not in
    /// maintenance: the server could not check whether it came back.
    /// </summary>
    private static void Start(ClientStep step, TimeSpan firstCheckDelay)
    {
        if (!step.State.Enabled)
            return;
        if (step.State.Expires is { } end && end.HasCome(step.Now) && step.State.Maintenance is null
            && (step.State.LastCheckedOk is null || step.State.LastCheckerStatus != 0))
        {
            Expire(step);
            return;
        }

        if (step.State.LastEnabled is null)
            step.Change(ClientProperty.LastEnabled, step.State with { LastEnabled = step.Now.Wall });
        EndMaintenance(step);
        var life = step.Now + step.Settings.Timeout.Value;
        if (step.State.Maintenance is { } maintenance)
        {
            // The time that is left is that of the maintenance, unless it is longer.
            var rest = step.State.Expires is { } expiry && AfterNextCheck(maintenance, step.Settings).Monotonic < expiry.Monotonic
                ? expiry
                : step.Now;
            ExpireAt(step, Later(life, rest));
        }
        else if (step.State.Expires is not { } left || left.Monotonic < life.Monotonic)
        {
            step.Change(ClientProperty.Expires, step.State with { Expires = life });
        }

        var delay = TimeSpan.FromTicks(Math.Clamp(firstCheckDelay.Ticks, 0, step.Settings.Interval.Value.Ticks));
        step.Become(step.State with { NextCheck = step.Now + delay });
    }

    private static void Enable(ClientStep step)
    {
        if (step.State.Enabled)
            return;
        step.Change(ClientProperty.Enabled, step.State with { Enabled = true, IsOnLastCheck = false, IsExpiryHeld = false });
        step.Change(ClientProperty.LastEnabled, step.State with { LastEnabled = step.Now.Wall });
        Live(step, step.Settings.Timeout.Value);
        BeginRound(step);
    }

    private static void Disable(ClientStep step)
    {
        if (!step.State.Enabled)
            return;
        step.Change(ClientProperty.Expires, step.State with { Expires = null, NextCheck = null, IsExpiryHeld = false });
        step.StopChecker();
        LeaveMaintenance(step);
        step.Change(ClientProperty.Enabled, step.State with { Enabled = false });
        step.Change(ClientProperty.LastDisabled, step.State with { LastDisabled = step.Now.Wall });
        RefuseWaiting(step, Refusal.Disabled);
    }

    private static void Expire(ClientStep step)
    {
        Disable(step);
        step.Tell(new ClientEffect.Expired());
    }

    /// <summary>Sets the expiry of an enabled client to this span from now, even if that is earlier than before.</summary>
    private static void Live(ClientStep step, TimeSpan span)
    {
        if (step.State.Enabled)
            ExpireAt(step, step.Now + span);
    }

    /// <summary>
    /// Extends the expiry to this span from now, but never shortens it: one answer during boot must not end the extended timeout.
    /// </summary>
    private static void LiveOn(ClientStep step, TimeSpan span)
    {
        if (step.State.Expires is null || OwnExpiry(step.State).Monotonic < (step.Now + span).Monotonic)
            Live(step, span);
    }

    /// <summary>Records that the client is alive: a check succeeded, or an operator says so. Signals in upstream's order.</summary>
    private static void MarkAlive(ClientStep step)
    {
        var alive = step.State with { LastCheckedOk = step.Now.Wall, IsOnLastCheck = false, IsExpiryHeld = false };
        step.Change(ClientProperty.LastCheckedOK, alive);
        step.Change(ClientProperty.LastCheckerStatus, step.State with { LastCheckerStatus = 0 });
        LiveOn(step, step.Settings.Timeout.Value);
    }

    /// <summary>Starts a check. Checks start one interval apart; one is skipped if the previous check still runs.</summary>
    private static void BeginRound(ClientStep step)
    {
        var interval = step.Settings.Interval.Value;
        step.Become(step.State with { NextCheck = step.Now + (interval < ShortestInterval ? ShortestInterval : interval) });
        step.StartChecker();
    }

    private static void EndChecker(ClientStep step, long ended, ChildExit? exit)
    {
        // The check was stopped, or was started before the client was last disabled.
        if (step.State.Checker is not { } run || run.Id != ended)
            return;
        step.Change(ClientProperty.CheckerRunning, step.State with { Checker = null, IsOnLastCheck = false });
        step.Change(ClientProperty.LastCheckerStatus, step.State with { LastCheckerStatus = exit?.ExitCode ?? ClientState.CheckKilled });
        if (exit is { Success: true })
            MarkAlive(step);
        step.Tell(new ClientEffect.CheckerCompleted(run, exit));
    }
}
