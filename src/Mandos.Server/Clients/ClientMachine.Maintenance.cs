namespace Mandos.Server.Clients;

/// <summary>
/// Maintenance: an operator announces that a client does not answer for a while. It is not disabled meanwhile; afterwards it has time for
/// one check, unless it would have been disabled later anyway.
/// </summary>
internal static partial class ClientMachine
{
    /// <summary>The longest maintenance: a machine that was forgotten in maintenance can be stolen unnoticed.</summary>
    internal static readonly TimeSpan LongestMaintenance = TimeSpan.FromDays(7);

    private static void Maintain(ClientStep step, TimeSpan span)
    {
        // The client is started before, which sets its expiry.
        if (step.State is not { Enabled: true, Expires: not null })
            return;
        if (span > TimeSpan.Zero)
        {
            var own = OwnExpiry(step.State);
            var end = step.Now + (span < LongestMaintenance ? span : LongestMaintenance);
            step.Change(ClientProperty.Maintenance, step.State with { Maintenance = end });
            ExpireAt(step, own);
        }
        else if (step.State.Maintenance is not null)
        {
            var end = Later(OwnExpiry(step.State), AfterNextCheck(step.Now, step.Settings));
            LeaveMaintenance(step);
            ExpireAt(step, end);
        }
    }

    /// <summary>Ends maintenance whose time is over. The client keeps its expiry, which leaves time for a check.</summary>
    private static void EndMaintenance(ClientStep step)
    {
        if (step.State.Maintenance is { } end && end.HasCome(step.Now))
            LeaveMaintenance(step);
    }

    private static void LeaveMaintenance(ClientStep step) =>
        step.Change(ClientProperty.Maintenance, step.State with { Maintenance = null, ExpiresOtherwise = null });

    /// <summary>Sets when the client is disabled; during maintenance not before a check after its end can succeed.</summary>
    private static void ExpireAt(ClientStep step, Moment own)
    {
        if (step.State.Maintenance is not { } maintenance)
        {
            step.Change(ClientProperty.Expires, step.State with { Expires = own });
            return;
        }

        var end = Later(own, AfterNextCheck(maintenance, step.Settings));
        step.Change(ClientProperty.Expires, step.State with { Expires = end, ExpiresOtherwise = own });
    }

    /// <summary>When an enabled client is disabled, apart from maintenance.</summary>
    private static Moment OwnExpiry(ClientState client) => client.ExpiresOtherwise ?? client.Expires!.Value;

    /// <summary>When the next check that starts after a moment has ended: checks start one interval apart.</summary>
    private static Moment AfterNextCheck(Moment moment, ClientSettings settings) =>
        moment + settings.Interval.Value + LastCheckLimit;

    private static Moment Later(Moment one, Moment other) => one.Monotonic < other.Monotonic ? other : one;
}
