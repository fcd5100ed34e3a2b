using System.Globalization;
using Mandos.Core.Audit;
using Mandos.Core.Secrets;
using Tmds.DBus.Protocol;

namespace Mandos.BusClient;

/// <summary>A connection to the system bus, and calls to the Mandos server there.</summary>
public sealed partial class ServerConnection : IDisposable
{
    private const string Usual = "unix:path=/var/run/dbus/system_bus_socket";

    private readonly DBusConnection _bus;
    private readonly TimeSpan _limit;

    private ServerConnection(DBusConnection bus, TimeSpan limit)
    {
        _bus = bus;
        _limit = limit;
    }

    /// <summary>A call without an answer for so long is reported to <see cref="Waiting"/>.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Called before each call, with a description of it; for debug output.</summary>
    public Action<string>? Trace { get; set; }

    /// <summary>Called once for each call that takes long, with the time limit.</summary>
    public Action<TimeSpan>? Waiting { get; set; }

    /// <summary>Connects to the system bus.</summary>
    /// <param name="address">Its address, as in $DBUS_SYSTEM_BUS_ADDRESS; null for the usual one.</param>
    /// <param name="limit">The time limit of connecting and of each call.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="BusFailure">The bus cannot be reached.</exception>
    public static async Task<ServerConnection> OpenAsync(string? address, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(address))
            address = Usual;
        var bus = new DBusConnection(new DBusConnectionOptions(address) { AutoConnect = false });
        try
        {
            await bus.ConnectAsync().AsTask().WaitAsync(limit, cancellationToken).ConfigureAwait(false);
            return new(bus, limit);
        }
        catch (Exception e)
        {
            bus.Dispose();
            if (e is OperationCanceledException)
                throw;
            throw FailureOf.Connecting(e, address);
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _bus.Dispose();

    /// <summary>Returns all clients, in the server's order.</summary>
    /// <exception cref="BusFailure">The call failed.</exception>
    public async Task<IReadOnlyList<ClientState>> ClientsAsync(CancellationToken cancellationToken) =>
        await CallAsync(
            Message(BusNames.ServerPath, BusNames.ObjectManager, "GetManagedObjects"),
            static (message, _) => BodyReading.Clients(message), cancellationToken).ConfigureAwait(false);

    /// <summary>Sets a property of a client.</summary>
    /// <exception cref="BusFailure">The call failed.</exception>
    public Task SetAsync(string path, string property, object value, CancellationToken cancellationToken) => CallAsync(
        Message(path, BusNames.Properties, "Set", "ssv", (ref writer) =>
        {
            writer.WriteString(BusNames.ClientInterface);
            writer.WriteString(property);
            writer.WriteVariant(Variant(property, value));
        }, $"{property}, {Describe(value)}"), cancellationToken);

    /// <summary>Sets the secret of a client.</summary>
    /// <exception cref="BusFailure">The call failed.</exception>
    public Task SetSecretAsync(string path, SecretBuffer secret, CancellationToken cancellationToken) => CallAsync(
        Message(path, BusNames.Properties, "Set", "ssv", (ref writer) =>
        {
            writer.WriteString(BusNames.ClientInterface);
            writer.WriteString("Secret");
            writer.WriteSignature("ay"u8);
            writer.WriteArray((ReadOnlySpan<byte>)secret.Span);
        }, "Secret, …"), cancellationToken);

    /// <summary>Approves or denies what a client waits for, or will soon.</summary>
    /// <exception cref="BusFailure">The call failed.</exception>
    public Task ApproveAsync(string path, bool approve, CancellationToken cancellationToken) => CallAsync(
        Message(path, BusNames.ClientInterface, "Approve", "b", (ref writer) => writer.WriteBool(approve), Describe(approve)),
        cancellationToken);

    /// <summary>Begins maintenance of a client, or ends it if the span is zero; only our server can do that.</summary>
    /// <exception cref="BusFailure">The call failed.</exception>
    public async Task MaintainAsync(string path, TimeSpan span, CancellationToken cancellationToken)
    {
        var message = Message(path, BusNames.OwnClientInterface, "Maintain", "t", (ref writer) =>
            writer.WriteUInt64((ulong)(span.Ticks / TimeSpan.TicksPerMillisecond)), Describe(span));
        try
        {
            await CallAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (BusFailure failure) when (failure.Kind == BusFailureKind.NotMandos)
        {
            throw new BusFailure(
                BusFailureKind.Refused, "upstream's server has no maintenance", "give the clients a longer timeout instead");
        }
    }

    /// <summary>Removes a client.</summary>
    /// <exception cref="BusFailure">The call failed.</exception>
    public Task RemoveAsync(string path, CancellationToken cancellationToken) => CallAsync(
        Message(
            BusNames.ServerPath, BusNames.ServerInterface, "RemoveClient", "o", (ref writer) => writer.WriteObjectPath(path), path),
        cancellationToken);

    /// <summary>Adds a client; only our server can do that.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="properties">Its properties, with the names and types of a client's.</param>
    /// <param name="secret">Its secret.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its object path.</returns>
    /// <exception cref="BusFailure">The call failed.</exception>
    public async Task<string> AddAsync(
        string name, IReadOnlyDictionary<string, object> properties, SecretBuffer secret, CancellationToken cancellationToken)
    {
        var message = Message(BusNames.ServerPath, BusNames.OwnServerInterface, "AddClient", "sa{sv}ay", (ref writer) =>
        {
            writer.WriteString(name);
            var start = writer.WriteDictionaryStart();
            foreach (var (property, value) in properties)
            {
                writer.WriteDictionaryEntryStart();
                writer.WriteString(property);
                writer.WriteVariant(Variant(property, value));
            }

            writer.WriteDictionaryEnd(start);
            writer.WriteArray((ReadOnlySpan<byte>)secret.Span);
        }, name);
        try
        {
            return await CallAsync(message, static (reply, _) => reply.GetBodyReader().ReadObjectPathAsString(), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (BusFailure failure) when (failure.Kind == BusFailureKind.NotMandos)
        {
            throw new BusFailure(
                BusFailureKind.Refused, "upstream's server cannot add clients while it runs",
                "add the section to clients.conf and restart it");
        }
    }

    /// <summary>Does something with a client for a person; only our server can do that.</summary>
    /// <param name="method">Approve, Deny, Enable, Disable or Remove.</param>
    /// <param name="client">The name of the client.</param>
    /// <param name="person">The name of the person, for the audit trail of the server.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BusFailure">The call failed.</exception>
    public async Task ActForAsync(string method, string client, string person, CancellationToken cancellationToken)
    {
        var message = Message(BusNames.ServerPath, BusNames.OperatorInterface, method, "ss", (ref writer) =>
        {
            writer.WriteString(client);
            writer.WriteString(person);
        }, $"'{client}', '{person}'");
        try
        {
            await CallAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (BusFailure failure) when (failure.Kind == BusFailureKind.NotMandos)
        {
            throw new BusFailure(BusFailureKind.Refused, "upstream's server cannot be operated by mandos-web", "use mandos-ctl");
        }
    }

    /// <summary>Returns the counters of the server by their names (docs/dbus.md); only our server has them.</summary>
    /// <exception cref="BusFailure">The call failed.</exception>
    public Task<IReadOnlyDictionary<string, ulong>> StatisticsAsync(CancellationToken cancellationToken) => CallAsync(
        Message(BusNames.ServerPath, BusNames.OperatorInterface, "GetStatistics"),
        static (message, _) => BodyReading.Counters(message), cancellationToken);

    /// <summary>Returns the latest records of the audit trail, the latest first; only our server has them.</summary>
    /// <param name="client">Those about this client; empty for all.</param>
    /// <param name="before">Those with a lower number; 0 for the latest.</param>
    /// <param name="most">How many, at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BusFailure">The call failed.</exception>
    public Task<IReadOnlyList<AuditRecord>> HistoryAsync(
        string client, long before, int most, CancellationToken cancellationToken) => CallAsync(
        Message(BusNames.ServerPath, BusNames.OperatorInterface, "GetHistory", "stu", (ref writer) =>
        {
            writer.WriteString(client);
            writer.WriteUInt64((ulong)before);
            writer.WriteUInt32((uint)most);
        }, $"'{client}'"),
        static (message, _) => BodyReading.Records(message), cancellationToken);

    /// <summary>Returns the properties of the server beyond upstream's (docs/dbus.md).</summary>
    /// <exception cref="BusFailure">The call failed.</exception>
    public Task<IReadOnlyDictionary<string, object>> ServerPropertiesAsync(CancellationToken cancellationToken) => CallAsync(
        Message(
            BusNames.ServerPath, BusNames.Properties, "GetAll", "s", (ref writer) => writer.WriteString(BusNames.OwnServerInterface),
            BusNames.OwnServerInterface),
        static (message, _) =>
        {
            var reader = message.GetBodyReader();
            return (IReadOnlyDictionary<string, object>)BodyReading.Properties(ref reader);
        }, cancellationToken);

    private static VariantValue Variant(string property, object value) => value switch
    {
        bool flag => VariantValue.Bool(flag),
        string text => VariantValue.String(text),
        TimeSpan duration => VariantValue.UInt64((ulong)(duration.Ticks / TimeSpan.TicksPerMillisecond)),
        _ => throw new ArgumentException($"no type for {property}", nameof(value)),
    };

    private static string Describe(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        string text => $"'{text}'",
        TimeSpan duration => (duration.Ticks / TimeSpan.TicksPerMillisecond).ToString(CultureInfo.InvariantCulture),
        _ => "",
    };

    private delegate void Writing(ref MessageWriter writer);

    private MessageBuffer Message(
        string path, string @interface, string member, string? signature = null, Writing? write = null, string arguments = "")
    {
        Trace?.Invoke($"{path}: {@interface}.{member}({arguments})");
        var writer = _bus.GetMessageWriter();
        try
        {
            writer.WriteMethodCallHeader(BusNames.Service, path, @interface, member, signature, MessageFlags.NoAutoStart);
            write?.Invoke(ref writer);
            return writer.CreateMessage();
        }
        finally
        {
            writer.Dispose();
        }
    }

    private Task<object?> CallAsync(MessageBuffer message, CancellationToken cancellationToken) =>
        CallAsync<object?>(message, static (_, _) => null, cancellationToken);

    private async Task<T> CallAsync<T>(MessageBuffer message, MessageValueReader<T> reader, CancellationToken cancellationToken)
    {
        try
        {
            var answer = _bus.CallMethodAsync(message, reader, null);
            if (Waiting is not null && _limit > Patience)
            {
                await ((Task)answer).WaitAsync(Patience, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!answer.IsCompleted && !cancellationToken.IsCancellationRequested)
                    Waiting(_limit);
            }

            return await answer.WaitAsync(_limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw FailureOf.Calling(e, _limit);
        }
    }
}
