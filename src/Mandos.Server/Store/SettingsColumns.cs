using Mandos.Core.Durations;
using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>The columns that a client and its section of the configuration have in common.</summary>
internal static class SettingsColumns
{
    internal static IEnumerable<string> Names { get; } =
        ["host", "checker", "timeout", "extended_timeout", "interval", "approval_delay", "approval_duration", "approved_by_default"];

    internal static IEnumerable<object?> Of(ClientSettings settings) =>
    [
        settings.Host,
        settings.Checker,
        settings.Timeout.Value.Ticks,
        settings.ExtendedTimeout.Value.Ticks,
        settings.Interval.Value.Ticks,
        settings.ApprovalDelay.Value.Ticks,
        settings.ApprovalDuration.Value.Ticks,
        settings.ApprovedByDefault ? 1L : 0,
    ];

    internal static ClientSettings Read(RowReader row) => new()
    {
        Host = row.Text(),
        Checker = row.Text(),
        Timeout = Length(row),
        ExtendedTimeout = Length(row),
        Interval = Length(row),
        ApprovalDelay = Length(row),
        ApprovalDuration = Length(row),
        ApprovedByDefault = row.Flag(),
    };

    private static Duration Length(RowReader row) => new(TimeSpan.FromTicks(row.Number()));
}
