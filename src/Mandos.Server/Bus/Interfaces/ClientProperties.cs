using System.Collections.Frozen;
using System.Globalization;
using Mandos.Bus.Introspection;
using Mandos.Bus.Messages;
using Mandos.Core.Durations;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>
/// The properties of a client: <c>t</c> is a duration in milliseconds; times are <c>s</c>, UTC without saying so, always
/// with six digits of a fraction (readers demand them), empty if it was never.
/// </summary>
internal static class ClientProperties
{
    private const BusAccess Read = BusAccess.Read;
    private const BusAccess ReadWrite = BusAccess.ReadWrite;

    /// <summary>Those of the original, in the order of its introspection.</summary>
    internal static IReadOnlyList<ClientPropertyDefinition> Original { get; } =
    [
        Time("ApprovalDelay", ClientProperty.ApprovalDelay, s => s.ApprovalDelay),
        Time("ApprovalDuration", ClientProperty.ApprovalDuration, s => s.ApprovalDuration),
        Flag("ApprovalPending", Read, ClientProperty.ApprovalPending, s => s.ApprovalPending),
        Flag("ApprovedByDefault", ReadWrite, ClientProperty.ApprovedByDefault, s => s.Settings.ApprovedByDefault),
        Flag("CheckerRunning", ReadWrite, ClientProperty.CheckerRunning, s => s.Checker is not null),
        Text("Checker", ReadWrite, ClientProperty.Checker, s => s.Settings.Checker),
        Constant("Created", s => Format(s.Created)),
        Flag("Enabled", ReadWrite, ClientProperty.Enabled, s => s.Enabled),
        Text("Expires", Read, ClientProperty.Expires, s => Format(s.Expires?.Wall)),
        Time("ExtendedTimeout", ClientProperty.ExtendedTimeout, s => s.ExtendedTimeout),
        Constant("Fingerprint", s => s.Fingerprint.ToUpperInvariant()),
        Text("Host", ReadWrite, ClientProperty.Host, s => s.Settings.Host),
        Time("Interval", ClientProperty.Interval, s => s.Interval),
        Constant("KeyID", s => s.KeyId?.ToString().ToUpperInvariant() ?? ""),
        Text("LastApprovalRequest", Read, ClientProperty.LastApprovalRequest, s => Format(s.LastApprovalRequest)),
        Text("LastCheckedOK", ReadWrite, ClientProperty.LastCheckedOK, s => Format(s.LastCheckedOk)),
        new(new("LastCheckerStatus", "n", Read), (w, c) => w.WriteInt16((short)c.State.LastCheckerStatus), ClientProperty.LastCheckerStatus),
        Text("LastEnabled", Read, ClientProperty.LastEnabled, s => Format(s.LastEnabled)),
        Constant("Name", s => s.Name),
        new(
            new("ObjectPath", "o", Read) { Annotations = [Annotation.EmitsChangedSignal("const"), Annotation.Deprecated] },
            (w, c) => w.WriteObjectPath(c.Path), null),
        new(new("Secret", "ay", BusAccess.Write) { Annotations = [Annotation.EmitsChangedSignal("invalidates")] }, null, ClientProperty.Secret),
        Time("Timeout", ClientProperty.Timeout, s => s.Timeout),
    ];

    /// <summary>Those that only ours have.</summary>
    internal static IReadOnlyList<ClientPropertyDefinition> More { get; } =
    [
        new(new("SecretsGiven", "t", Read), (w, c) => w.WriteUInt64((ulong)c.State.SecretsGiven), ClientProperty.SecretsGiven),
    ];

    /// <summary>By what they are to the state machine.</summary>
    internal static FrozenDictionary<ClientProperty, ClientPropertyDefinition> Changing { get; } =
        Original.Concat(More).Where(p => p.Changes is not null).ToFrozenDictionary(p => p.Changes!.Value);

    /// <summary>Those of an interface; empty if a client has none of that name.</summary>
    internal static IReadOnlyList<ClientPropertyDefinition> Of(string @interface) => @interface switch
    {
        Names.Client or Names.OldClient => Original,
        Names.MoreClient => More,
        // All there are, as the original answers.
        "" => [.. Original, .. More],
        _ => [],
    };

    /// <summary>Writes <c>a{sv}</c> with all of them that can be read.</summary>
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

    private static ClientPropertyDefinition Time(string name, ClientProperty changes, Func<ClientSettings, Duration> value) =>
        new(new(name, "t", ReadWrite), (w, c) => w.WriteUInt64((ulong)(value(c.State.Settings).Value.Ticks / TimeSpan.TicksPerMillisecond)), changes);

    private static ClientPropertyDefinition Flag(string name, BusAccess access, ClientProperty changes, Func<ClientState, bool> value) =>
        new(new(name, "b", access), (w, c) => w.WriteBoolean(value(c.State)), changes);

    private static ClientPropertyDefinition Text(string name, BusAccess access, ClientProperty changes, Func<ClientState, string> value) =>
        new(new(name, "s", access), (w, c) => w.WriteString(value(c.State)), changes);

    private static ClientPropertyDefinition Constant(string name, Func<ClientState, string> value) =>
        new(new(name, "s", Read) { Annotations = [Annotation.EmitsChangedSignal("const")] }, (w, c) => w.WriteString(value(c.State)), null);

    private static string Format(DateTime? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture) ?? "";
}
