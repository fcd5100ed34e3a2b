using Mandos.Core.Durations;

namespace Mandos.Server.Clients;

/// <summary>New settings and their immediate consequences.</summary>
internal static partial class ClientMachine
{
    private static void Configure(ClientStep step, ClientSettings settings)
    {
        var old = step.Settings;
        // The caller rejects this value and reports it; here it changes nothing.
        if (settings.Interval == Duration.Zero)
            settings = settings with { Interval = old.Interval };
        foreach (var setting in ClientSetting.All.OrderBy(s => s.Property))
            step.Change(setting.Property, step.State with { Settings = setting.Copy(settings, step.Settings) });
        MoveExpiry(step, old.Timeout, settings.Timeout);
        if (old.Interval != settings.Interval && step.State.Maintenance is not null)
            ExpireAt(step, OwnExpiry(step.State));
        if (old.Interval != settings.Interval && step.State.NextCheck is not null)
            BeginRound(step);
    }

    /// <summary>Moves the expiry time to the new timeout, and disables a client that would already have expired under it.</summary>
    private static void MoveExpiry(ClientStep step, Duration old, Duration timeout)
    {
        if (old == timeout || step.State.Expires is null)
            return;
        var expires = OwnExpiry(step.State);
        // The sum and the difference may each overflow a TimeSpan.
        var left = (Int128)expires.Monotonic.Ticks - step.Now.Monotonic.Ticks + timeout.Value.Ticks - old.Value.Ticks;
        if (left <= 0 && step.State.Maintenance is null)
            Disable(step);
        else
            Live(step, left > TimeSpan.MaxValue.Ticks ? TimeSpan.MaxValue : new TimeSpan(left < 0 ? 0 : (long)left));
    }
}
