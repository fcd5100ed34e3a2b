using Mandos.Core.Durations;

namespace Mandos.Server.Clients;

/// <summary>New settings, and what follows from them at once.</summary>
internal static partial class ClientMachine
{
    private static void Configure(ClientStep step, ClientSettings settings)
    {
        var old = step.Settings;
        // Refused where it can be reported; here it changes nothing.
        if (settings.Interval == Duration.Zero)
            settings = settings with { Interval = old.Interval };
        foreach (var setting in ClientSetting.All.OrderBy(s => s.Property))
            step.Change(setting.Property, step.State with { Settings = setting.Copy(settings, step.Settings) });
        MoveExpiry(step, old.Timeout, settings.Timeout);
        if (old.Interval != settings.Interval && step.State.NextCheck is not null)
            BeginRound(step);
    }

    /// <summary>A client whose life had been over by now under the new timeout is disabled.</summary>
    private static void MoveExpiry(ClientStep step, Duration old, Duration timeout)
    {
        if (old == timeout || step.State.Expires is not { } expires)
            return;
        // Neither sum nor difference need fit into a span of time.
        var left = (Int128)expires.Monotonic.Ticks - step.Now.Monotonic.Ticks + timeout.Value.Ticks - old.Value.Ticks;
        if (left <= 0)
            Disable(step);
        else
            Live(step, left > TimeSpan.MaxValue.Ticks ? TimeSpan.MaxValue : new TimeSpan((long)left));
    }
}
