namespace Mandos.Server.Clients;

/// <summary>
/// Mass failure: if most clients fail at once, the cause is probably this server's own network. Clients that need no approval then stay
/// enabled for one more timeout, once until their next successful check.
/// </summary>
internal static partial class ClientMachine
{
    /// <summary>Extends a client that would be disabled now, if that is allowed and not the second time; otherwise disables it.</summary>
    private static void ExpireOrHold(ClientStep step, Moment end)
    {
        var later = end + step.Settings.Timeout.Value;
        if (step.MassFailure is not { } cause
            || step.State is not { LastCheckedOk: not null, IsExpiryHeld: false, Settings.ApprovedByDefault: true }
            || later.HasCome(step.Now))
        {
            Expire(step);
            return;
        }

        step.Change(ClientProperty.Expires, step.State with { Expires = later, IsExpiryHeld = true });
        step.Tell(new ClientEffect.ExpiryHeld(cause));
    }
}
