using Mandos.Bus.Connections;
using Mandos.Bus.Messages;
using Mandos.Server.Publishing.Responder;

namespace Mandos.Server.Publishing.Avahi;

/// <summary>An announcement in avahi-daemon (org.freedesktop.Avahi.EntryGroup.xml).</summary>
internal sealed class AvahiGroup : IAsyncDisposable
{
    private const string Interface = "org.freedesktop.Avahi.EntryGroup";
    private const string ServiceType = "_mandos._tcp";
    private const int AllInterfaces = -1;
    private const int AnyProtocol = -1, IPv4 = 0, IPv6 = 1;

    /// <summary>The longest wait for a goodbye.</summary>
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(2);

    private readonly BusConnection _connection;
    private readonly string _server;
    private readonly IAsyncDisposable _watch;

    private AvahiGroup(BusConnection connection, string server, string path, IAsyncDisposable watch)
    {
        _connection = connection;
        _server = server;
        Path = path;
        _watch = watch;
    }

    /// <summary>The path of its object.</summary>
    internal string Path { get; }

    internal static async Task<AvahiGroup> OpenAsync(
        BusConnection connection, string server, string path, Action<AvahiGroupState> changed, CancellationToken cancellationToken)
    {
        var watch = await connection.MatchAsync(
            new() { Sender = server, Path = path, Interface = Interface, Member = "StateChanged" },
            (_, arguments) => changed((AvahiGroupState)arguments.ReadInt32()),
            cancellationToken).ConfigureAwait(false);
        return new(connection, server, path, watch);
    }

    /// <summary>Withdraws the announcement.</summary>
    internal Task ResetAsync(CancellationToken cancellationToken) => CallAsync("Reset", null, AvahiServer.Limit, cancellationToken);

    /// <summary>
    /// Adds the service as upstream does, with no TXT data and the host's own name; upstream, however, announces it over one address family
    /// only.
    /// </summary>
    /// <param name="name">The name of the service.</param>
    /// <param name="settings">The other properties of the announcement.</param>
    /// <param name="index">The interface; null for all.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    internal Task AddServiceAsync(string name, PublicationSettings settings, int? index, CancellationToken cancellationToken) =>
        CallAsync(
            "AddService",
            writer =>
            {
                writer.WriteInt32(index ?? AllInterfaces);
                writer.WriteInt32(
                    settings switch { { UseIPv6: true, UseIPv4: true } => AnyProtocol, { UseIPv6: true } => IPv6, _ => IPv4 });
                writer.WriteUInt32(0);
                writer.WriteString(name);
                writer.WriteString(ServiceType);
                writer.WriteString("");
                writer.WriteString("");
                writer.WriteUInt16(settings.Port);
                writer.OpenArray("ay");
                writer.Close();
            },
            AvahiServer.Limit,
            cancellationToken);

    /// <summary>Announces what was added, after avahi-daemon has checked that the name is free.</summary>
    internal Task CommitAsync(CancellationToken cancellationToken) => CallAsync("Commit", null, AvahiServer.Limit, cancellationToken);

    /// <summary>Sends a goodbye, if avahi-daemon still answers.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await CallAsync("Free", null, FarewellLimit, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is BusException or BusConnectionException)
        {
            // avahi-daemon has exited, which withdrew everything that it announced.
        }

        await _watch.DisposeAsync().ConfigureAwait(false);
    }

    private Task CallAsync(string member, BusBody? body, TimeSpan limit, CancellationToken cancellationToken) =>
        _connection.CallAsync(new(_server, Path, Interface, member), body, limit, cancellationToken);
}
