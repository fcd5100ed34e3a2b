namespace Mandos.Server.Clients;

/// <summary>
/// What became due while the server did not run. Nothing could be checked, decided or answered in that time, so it must not
/// be held against those who waited.
/// </summary>
internal static partial class ClientMachine
{
    /// <summary>How long the check may take that decides about a client after a standstill.</summary>
    private static readonly TimeSpan LastCheckLimit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Operators have the time that they had left to decide, and decisions hold for as long as they would have. A client
    /// whose last check succeeded gets one more check.
    /// </summary>
    private static void StandStill(ClientStep step, TimeSpan span, TimeSpan checkDelay)
    {
        if (step.State.Requests.Any(r => r.Phase == SecretRequestPhase.Waiting))
            step.Become(step.State with { Requests = [.. step.State.Requests.Select(r => Later(r, span))] });
        if (step.State.Decision is { } decision)
            step.Become(step.State with { Decision = decision with { Until = decision.Until + span } });
        if (step.State is { Enabled: true, LastCheckedOk: not null, LastCheckerStatus: 0, Expires: { } end })
            CheckOnceMore(step, end, span, checkDelay);
    }

    private static SecretRequest Later(SecretRequest request, TimeSpan span) =>
        request.Phase == SecretRequestPhase.Waiting ? request with { DecidedAt = request.DecidedAt + span } : request;

    /// <summary>
    /// An interval in which the check begins, as the checks of all clients are due at once now, and the time that it may
    /// take. Until it has ended there is no second one: then a standstill only stops the clock.
    /// </summary>
    private static void CheckOnceMore(ClientStep step, Moment end, TimeSpan span, TimeSpan checkDelay)
    {
        var interval = step.Settings.Interval.Value;
        var life = step.Now + interval + LastCheckLimit;
        if (step.State.IsOnLastCheck)
            life = end.Monotonic < step.Now.Monotonic - span ? end : Earlier(life, end + span);
        if (life.Monotonic <= end.Monotonic)
            return;
        step.Change(ClientProperty.Expires, step.State with { Expires = life });
        var delay = TimeSpan.FromTicks(Math.Clamp(checkDelay.Ticks, 0, interval.Ticks));
        if (!step.State.IsOnLastCheck && step.State.NextCheck is { } check && check.HasCome(step.Now))
            step.Become(step.State with { NextCheck = step.Now + delay });
        step.Become(step.State with { IsOnLastCheck = true });
    }

    private static Moment Earlier(Moment one, Moment other) => one.Monotonic < other.Monotonic ? one : other;
}
