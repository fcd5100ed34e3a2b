using System.Net;
using Mandos.Bus.Messages;
using Mandos.Core.Keys;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Clients;

namespace Mandos.Server.Bus.Objects;

/// <summary>
/// Builds the signals. Upstream's signals are sent under both names of its interface, the newer first, except PropertiesChanged, which is
/// sent under the newer only.
/// </summary>
internal static class ClientSignals
{
    private static readonly string[] BothInterfaces = [Names.Client, Names.OldClient];
    private static readonly string[] ServerInterfaces = [Names.Server, Names.OldServer];

    /// <summary>The signals for a client that was added.</summary>
    internal static IEnumerable<BusSignal> Added(ClientObject client)
    {
        yield return new(Names.Root, Names.ObjectManager, "InterfacesAdded", w =>
        {
            w.WriteObjectPath(client.Path);
            ClientInterfaces.WriteAll(w, client);
        });
        foreach (var one in OfServer("ClientAdded", w => w.WriteObjectPath(client.Path)))
            yield return one;
    }

    /// <summary>The signals for a client that was removed.</summary>
    internal static IEnumerable<BusSignal> Removed(ClientObject client)
    {
        yield return new(Names.Root, Names.ObjectManager, "InterfacesRemoved", w =>
        {
            w.WriteObjectPath(client.Path);
            w.WriteStrings(ClientInterfaces.All.Select(i => i.Name));
        });
        var removed = OfServer("ClientRemoved", w =>
        {
            w.WriteObjectPath(client.Path);
            w.WriteString(client.State.Name);
        });
        foreach (var one in removed)
            yield return one;
    }

    /// <summary>The signals for a peer that presented an unknown key.</summary>
    internal static IEnumerable<BusSignal> NotFound(KeyId key, string address) => OfServer("ClientNotFound", w =>
    {
        w.WriteString(key.ToString().ToUpperInvariant());
        w.WriteString(WithoutPort(address));
    });

    /// <summary>The signal for a client that will be disabled, on our own interface only.</summary>
    internal static BusSignal ExpiresSoon(ClientObject client, ExpiryWarning warning) =>
        new(client.Path, Names.MoreClient, "ExpiresSoon", w =>
    {
        w.WriteString(ClientProperties.Format(warning.End));
        w.WriteUInt64((ulong)(Math.Max(0, warning.Left.Ticks) / TimeSpan.TicksPerMillisecond));
        w.WriteInt16((short)warning.LastCheckerStatus);
        w.WriteString(warning.Reason);
    });

    /// <summary>The signals for the effects of a step.</summary>
    internal static IEnumerable<BusSignal> Of(ClientObject client, ClientEffect effect) => effect switch
    {
        ClientEffect.Changed changed => Changed(client, changed.Property),
        ClientEffect.StartChecker start => OfClient(client, "CheckerStarted", w => w.WriteString(start.Run.Command)),
        ClientEffect.CheckerCompleted completed => Completed(client, completed),
        ClientEffect.ApprovalNeeded needed => OfClient(client, "NeedApproval", w =>
        {
            w.WriteUInt64((ulong)(needed.Delay.Ticks / TimeSpan.TicksPerMillisecond));
            w.WriteBoolean(needed.ApprovedByDefault);
        }),
        ClientEffect.SecretGiven => OfClient(client, "GotSecret", null),
        ClientEffect.Refuse refuse => OfClient(client, "Rejected", w => w.WriteString(Reason(refuse.Reason))),
        _ => [],
    };

    /// <summary>The signals for a changed property.</summary>
    internal static IEnumerable<BusSignal> Changed(ClientObject client, ClientProperty which)
    {
        var property = ClientProperties.Changing[which];
        if (property.Value is null)
            return [PropertiesChanged(client.Path, Names.Client, null, property.Name)];
        if (ClientProperties.More.Contains(property))
            return [PropertiesChanged(client.Path, Names.MoreClient, w => WriteOne(w, client, property))];
        return
        [
            .. OfClient(client, "PropertyChanged", w =>
            {
                w.WriteString(property.Name);
                property.WriteVariant(w, client);
            }),
            PropertiesChanged(client.Path, Names.Client, w => WriteOne(w, client, property)),
        ];
    }

    /// <summary>The signal for changed properties of an object; a property that is not readable is only invalidated.</summary>
    internal static BusSignal PropertiesChanged(string path, string @interface, BusBody? changed, params string[] invalidated) =>
        new(path, Names.Properties, "PropertiesChanged", w =>
    {
        w.WriteString(@interface);
        w.OpenArray("{sv}");
        changed?.Invoke(w);
        w.Close();
        w.WriteStrings(invalidated);
    });

    private static void WriteOne(BusWriter writer, ClientObject client, ClientPropertyDefinition property)
    {
        writer.OpenEntry("sv");
        writer.WriteString(property.Name);
        property.WriteVariant(writer, client);
        writer.Close();
    }

    private static IEnumerable<BusSignal> Completed(ClientObject client, ClientEffect.CheckerCompleted completed) =>
        OfClient(client, "CheckerCompleted", w =>
    {
        var (code, status) = WaitStatus(completed.Exit);
        w.WriteInt16(code);
        w.WriteInt64(status);
        w.WriteString(completed.Run.Command);
    });

    /// <summary>
    /// The exit code (-1 if there is none) and the status as in wait(2). A check that could not be started has no exit code, and the status
    /// that a shell would have returned.
    /// </summary>
    private static (short Code, long Status) WaitStatus(ChildExit? exit) => exit switch
    {
        { Signal: { } signal } => (-1, signal),
        { ExitCode: { } code } => ((short)code, (long)code << 8),
        _ => (-1, 127 << 8),
    };

    /// <summary>The first three texts are upstream's; readers compare them.</summary>
    private static string Reason(Refusal refusal) => refusal switch
    {
        Refusal.Disabled => "Disabled",
        Refusal.Denied => "Denied",
        Refusal.ApprovalTimedOut => "Approval timed out",
        Refusal.EmptySecret => "No secret",
        _ => "Removed",
    };

    /// <summary>The address in upstream's format: without the port, and without the interface of a link-local address.</summary>
    private static string WithoutPort(string address)
    {
        if (!IPAddress.TryParse(address, out var number))
            number = IPEndPoint.TryParse(address, out var end) ? end.Address : null;
        return number is null ? address : new IPAddress(number.GetAddressBytes()).ToString();
    }

    private static IEnumerable<BusSignal> OfClient(ClientObject client, string member, BusBody? body) =>
        BothInterfaces.Select(i => new BusSignal(client.Path, i, member, body));

    private static IEnumerable<BusSignal> OfServer(string member, BusBody? body) =>
        ServerInterfaces.Select(i => new BusSignal(Names.Root, i, member, body));
}
