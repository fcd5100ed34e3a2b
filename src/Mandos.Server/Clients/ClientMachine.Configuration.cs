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
        Set(ClientProperty.ApprovalDelay, s => s with { ApprovalDelay = settings.ApprovalDelay });
        Set(ClientProperty.ApprovalDuration, s => s with { ApprovalDuration = settings.ApprovalDuration });
        Set(ClientProperty.ApprovedByDefault, s => s with { ApprovedByDefault = settings.ApprovedByDefault });
        Set(ClientProperty.Checker, s => s with { Checker = settings.Checker });
        Set(ClientProperty.ExtendedTimeout, s => s with { ExtendedTimeout = settings.ExtendedTimeout });
        Set(ClientProperty.Host, s => s with { Host = settings.Host });
        Set(ClientProperty.Interval, s => s with { Interval = settings.Interval });
        Set(ClientProperty.Timeout, s => s with { Timeout = settings.Timeout });
        MoveExpiry(step, old.Timeout, settings.Timeout);
        if (old.Interval != settings.Interval && step.State.NextCheck is not null)
            BeginRound(step);

        void Set(ClientProperty property, Func<ClientSettings, ClientSettings> change) =>
            step.Change(property, step.State with { Settings = change(step.Settings) });
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
