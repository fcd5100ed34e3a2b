using System.Collections.Frozen;

namespace Mandos.Server.Clients;

/// <summary>The differences between two states of a client that are visible on the bus.</summary>
internal static class VisibleProperties
{
    private static readonly FrozenDictionary<ClientProperty, Func<ClientState, ClientState, bool>> Same =
        new Dictionary<ClientProperty, Func<ClientState, ClientState, bool>>(
    [
        Of(ClientProperty.ApprovalPending, s => s.ApprovalPending),
        Of(ClientProperty.CheckerRunning, s => s.Checker is not null),
        Of(ClientProperty.Enabled, s => s.Enabled),
        Of(ClientProperty.Expires, s => s.Expires?.Wall),
        Of(ClientProperty.LastApprovalRequest, s => s.LastApprovalRequest),
        Of(ClientProperty.LastCheckedOK, s => s.LastCheckedOk),
        Of(ClientProperty.LastCheckerStatus, s => s.LastCheckerStatus),
        Of(ClientProperty.LastDisabled, s => s.LastDisabled),
        Of(ClientProperty.LastEnabled, s => s.LastEnabled),
        Of(ClientProperty.Maintenance, s => s.Maintenance?.Wall),
        Of(ClientProperty.Secret, s => s.Secret),
        Of(ClientProperty.SecretsGiven, s => s.SecretsGiven),
        .. ClientSetting.All.Select(setting => KeyValuePair.Create<ClientProperty, Func<ClientState, ClientState, bool>>(
            setting.Property, (one, other) => setting.IsSame(one.Settings, other.Settings))),
    ]).ToFrozenDictionary();

    /// <summary>Whether the property has another value.</summary>
    internal static bool Differs(ClientProperty property, ClientState one, ClientState other) => !Same[property](one, other);

    /// <summary>The properties with different values.</summary>
    internal static IEnumerable<ClientProperty> Between(ClientState one, ClientState other) =>
        Enum.GetValues<ClientProperty>().Where(p => Differs(p, one, other));

    private static KeyValuePair<ClientProperty, Func<ClientState, ClientState, bool>> Of<T>(
        ClientProperty property, Func<ClientState, T> value) =>
        new(property, (one, other) => EqualityComparer<T>.Default.Equals(value(one), value(other)));
}
