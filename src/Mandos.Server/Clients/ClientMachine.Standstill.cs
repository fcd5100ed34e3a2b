namespace Mandos.Server.Clients;

/// <summary>
/// Handles what became due while the server did not run. In that time no check, decision or answer was possible, so it must not count
/// against clients or requests.
/// </summary>
internal static partial class ClientMachine
{
    /// <summary>How long the check that decides about a client after a standstill may take.</summary>
    private static readonly TimeSpan LastCheckLimit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Restores the time that operators had left to decide, and that decisions had left to be valid. A client whose last check succeeded,
    /// or that was in maintenance, gets one more check.
    /// </summary>
    private static void StandStill(ClientStep step, TimeSpan span, TimeSpan checkDelay)
    {
        if (step.State.Requests.Any(r => r.Phase == SecretRequestPhase.Waiting))
            step.Become(step.State with { Requests = [.. step.State.Requests.Select(r => Later(r, span))] });
        if (step.State.Decision is { } decision)
            step.Become(step.State with { Decision = decision with { Until = decision.Until + span } });
        if (step.State is { Enabled: true, Expires: { } end }
            && step.State is { LastCheckedOk: not null, LastCheckerStatus: 0 } or { Maintenance: not null })
            CheckOnceMore(step, end, span, checkDelay);
    }

    private static SecretRequest Later(SecretRequest request, TimeSpan span) =>
        request.Phase == SecretRequestPhase.Waiting ? request with { DecidedAt = request.DecidedAt + span } : request;

    /// <summary>
    /// Schedules one more check at a random point of the interval, because the checks of all clients are due at the same time now, and
    /// allows the time the check may take. Until it ends, a further standstill only stops the clock.
    /// </summary>
    private static void CheckOnceMore(ClientStep step, Moment end, TimeSpan span, TimeSpan checkDelay)
    {
        var interval = step.Settings.Interval.Value;
        var life = step.Now + interval + LastCheckLimit;
        if (step.State.IsOnLastCheck)
            life = end.Monotonic < step.Now.Monotonic - span ? end : Earlier(life, end + span);
        if (life.Monotonic <= end.Monotonic)
            return;
        ExpireAt(step, life);
        var delay = TimeSpan.FromTicks(Math.Clamp(checkDelay.Ticks, 0, interval.Ticks));
        if (!step.State.IsOnLastCheck && step.State.NextCheck is { } check && check.HasCome(step.Now))
            step.Become(step.State with { NextCheck = step.Now + delay });
        step.Become(step.State with { IsOnLastCheck = true });
    }

    private static Moment Earlier(Moment one, Moment other) => one.Monotonic < other.Monotonic ? one : other;
}
