namespace Mandos.Control.Actions;

/// <summary>The settings of a client that can be changed, by kind: the name in clients.conf and the property on the bus.</summary>
internal static class SettingNames
{
    internal static readonly IReadOnlyList<(string Option, string Property)> Texts = [("host", "Host"), ("checker", "Checker")];

    internal static readonly IReadOnlyList<(string Option, string Property)> Durations =
        [("timeout", "Timeout"), ("extended_timeout", "ExtendedTimeout"), ("interval", "Interval"), ("approval_delay", "ApprovalDelay"),
            ("approval_duration", "ApprovalDuration")];

    internal static readonly IReadOnlyList<(string Option, string Property)> Flags =
        [("approved_by_default", "ApprovedByDefault"), ("enabled", "Enabled")];
}
