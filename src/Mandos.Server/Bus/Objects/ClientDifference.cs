using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Objects;

/// <summary>What differs between two states of a client, as far as it is visible on the bus.</summary>
internal static class ClientDifference
{
    private static readonly (ClientProperty Property, Func<ClientState, object?> Value)[] Visible =
    [
        (ClientProperty.ApprovalDelay, s => s.Settings.ApprovalDelay),
        (ClientProperty.ApprovalDuration, s => s.Settings.ApprovalDuration),
        (ClientProperty.ApprovalPending, s => s.ApprovalPending),
        (ClientProperty.ApprovedByDefault, s => s.Settings.ApprovedByDefault),
        (ClientProperty.Checker, s => s.Settings.Checker),
        (ClientProperty.CheckerRunning, s => s.Checker is not null),
        (ClientProperty.Enabled, s => s.Enabled),
        (ClientProperty.Expires, s => s.Expires?.Wall),
        (ClientProperty.ExtendedTimeout, s => s.Settings.ExtendedTimeout),
        (ClientProperty.Host, s => s.Settings.Host),
        (ClientProperty.Interval, s => s.Settings.Interval),
        (ClientProperty.LastApprovalRequest, s => s.LastApprovalRequest),
        (ClientProperty.LastCheckedOK, s => s.LastCheckedOk),
        (ClientProperty.LastCheckerStatus, s => s.LastCheckerStatus),
        (ClientProperty.LastEnabled, s => s.LastEnabled),
        (ClientProperty.Secret, s => s.Secret),
        (ClientProperty.SecretsGiven, s => s.SecretsGiven),
        (ClientProperty.Timeout, s => s.Settings.Timeout),
    ];

    /// <summary>The properties that have another value.</summary>
    internal static IEnumerable<ClientProperty> Between(ClientState before, ClientState after) =>
        Visible.Where(v => !Equals(v.Value(before), v.Value(after))).Select(v => v.Property);
}
