using System.Collections.Frozen;
using System.Globalization;
using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>
/// The properties of a client: <c>t</c> is a duration in milliseconds. A time is an <c>s</c> in UTC without a zone suffix, with six
/// fractional digits (which readers require), and empty for never.
/// </summary>
internal static class ClientProperties
{
    private const BusAccess Read = BusAccess.Read;
    private const BusAccess ReadWrite = BusAccess.ReadWrite;

    /// <summary>Upstream's properties, in the order of its introspection.</summary>
    internal static IReadOnlyList<ClientPropertyDefinition> Original { get; } =
    [
        Setting("ApprovalDelay"),
        Setting("ApprovalDuration"),
        Flag("ApprovalPending", Read, ClientProperty.ApprovalPending, s => s.ApprovalPending),
        Setting("ApprovedByDefault"),
        Flag("CheckerRunning", ReadWrite, ClientProperty.CheckerRunning, s => s.Checker is not null),
        Setting("Checker"),
        Constant("Created", s => Format(s.Created)),
        Flag("Enabled", ReadWrite, ClientProperty.Enabled, s => s.Enabled),
        Text("Expires", Read, ClientProperty.Expires, s => Format(s.Expires?.Wall)),
        Setting("ExtendedTimeout"),
        Constant("Fingerprint", s => s.Fingerprint.ToUpperInvariant()),
        Setting("Host"),
        Setting("Interval"),
        Constant("KeyID", s => s.KeyId?.ToString().ToUpperInvariant() ?? ""),
        Text("LastApprovalRequest", Read, ClientProperty.LastApprovalRequest, s => Format(s.LastApprovalRequest)),
        Text("LastCheckedOK", ReadWrite, ClientProperty.LastCheckedOK, s => Format(s.LastCheckedOk)),
        new(
            new("LastCheckerStatus", "n", Read), (w, c) => w.WriteInt16((short)c.State.LastCheckerStatus),
            ClientProperty.LastCheckerStatus),
        Text("LastEnabled", Read, ClientProperty.LastEnabled, s => Format(s.LastEnabled)),
        Constant("Name", s => s.Name),
        new(
            new("ObjectPath", "o", Read) { Annotations = [Annotation.EmitsChangedSignal("const"), Annotation.Deprecated] },
            (w, c) => w.WriteObjectPath(c.Path), null),
        new(
            new("Secret", "ay", BusAccess.Write) { Annotations = [Annotation.EmitsChangedSignal("invalidates")] }, null,
            ClientProperty.Secret),
        Setting("Timeout"),
    ];

    /// <summary>The properties that upstream does not have.</summary>
    internal static IReadOnlyList<ClientPropertyDefinition> More { get; } =
    [
        new(new("SecretsGiven", "t", Read), (w, c) => w.WriteUInt64((ulong)c.State.SecretsGiven), ClientProperty.SecretsGiven),
        Text("LastDisabled", Read, ClientProperty.LastDisabled, s => Format(s.LastDisabled)),
        Text("Maintenance", Read, ClientProperty.Maintenance, s => Format(s.Maintenance?.Wall)),
        .. ClientSetting.All.Where(setting => Original.All(p => p.Name != setting.BusName)).Select(Setting),
    ];

    /// <summary>The properties by their names in the state machine.</summary>
    internal static FrozenDictionary<ClientProperty, ClientPropertyDefinition> Changing { get; } =
        Original.Concat(More).Where(p => p.Changes is not null).ToFrozenDictionary(p => p.Changes!.Value);

    /// <summary>The properties of an interface; empty if clients have no such interface.</summary>
    internal static IReadOnlyList<ClientPropertyDefinition> Of(string @interface) => @interface switch
    {
        Names.Client or Names.OldClient => Original,
        Names.MoreClient => More,
        // All properties, as upstream answers.
        "" => [.. Original, .. More],
        _ => [],
    };

    /// <summary>Writes <c>a{sv}</c> with all readable properties of an interface.</summary>
    internal static void WriteAll(BusWriter writer, ClientObject client, IReadOnlyList<ClientPropertyDefinition> properties)
    {
        writer.OpenArray("{sv}");
        foreach (var property in properties)
        {
            if (property.Value is null)
                continue;
            writer.OpenEntry("sv");
            writer.WriteString(property.Name);
            property.WriteVariant(writer, client);
            writer.Close();
        }

        writer.Close();
    }

    /// <summary>A time as readers expect it.</summary>
    internal static string Format(DateTime? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture) ?? "";

    private static ClientPropertyDefinition Setting(string name) => Setting(ClientSetting.OnBus(name)!);

    private static ClientPropertyDefinition Setting(ClientSetting setting) => setting switch
    {
        DurationSetting duration => new(
            new(setting.BusName, "t", ReadWrite), (w, c) =>
                w.WriteUInt64((ulong)(duration.Get(c.State.Settings).Value.Ticks / TimeSpan.TicksPerMillisecond)), setting.Property),
        FlagSetting flag => Flag(setting.BusName, ReadWrite, setting.Property, s => flag.Get(s.Settings)),
        TextSetting text => Text(setting.BusName, ReadWrite, setting.Property, s => text.Get(s.Settings)),
        _ => throw new ArgumentOutOfRangeException(nameof(setting)),
    };

    private static ClientPropertyDefinition Flag(string name, BusAccess access, ClientProperty changes, Func<ClientState, bool> value) =>
        new(new(name, "b", access), (w, c) => w.WriteBoolean(value(c.State)), changes);

    private static ClientPropertyDefinition Text(string name, BusAccess access, ClientProperty changes, Func<ClientState, string> value) =>
        new(new(name, "s", access), (w, c) => w.WriteString(value(c.State)), changes);

    private static ClientPropertyDefinition Constant(string name, Func<ClientState, string> value) =>
        new(new(name, "s", Read) { Annotations = [Annotation.EmitsChangedSignal("const")] }, (w, c) => w.WriteString(value(c.State)), null);
}
