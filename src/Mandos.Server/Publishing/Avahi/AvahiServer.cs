using Mandos.Bus.Connections;
using Mandos.Bus.Messages;

namespace Mandos.Server.Publishing.Avahi;

/// <summary>
/// One run of avahi-daemon, identified by its unique name on the bus, and the calls that we make (org.freedesktop.Avahi.Server.xml).
/// </summary>
internal sealed class AvahiServer(BusConnection connection, string name)
{
    /// <summary>The well-known name on the bus.</summary>
    internal const string WellKnownName = "org.freedesktop.Avahi";

    /// <summary>The time limit for a call; avahi-daemon normally answers immediately.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private const string Interface = "org.freedesktop.Avahi.Server";

    /// <summary>The unique name.</summary>
    internal string Name => name;

    /// <summary>Reports the state of avahi-daemon from now on, until the result is disposed.</summary>
    internal Task<IAsyncDisposable> WatchAsync(Action<AvahiServerState> changed, CancellationToken cancellationToken) =>
        connection.MatchAsync(
            new() { Sender = name, Path = "/", Interface = Interface, Member = "StateChanged" },
            (_, arguments) => changed((AvahiServerState)arguments.ReadInt32()),
            cancellationToken);

    internal Task<AvahiServerState> GetStateAsync(CancellationToken cancellationToken) =>
        connection.CallAsync(Method("GetState"), null, static r => (AvahiServerState)r.ReadInt32(), Limit, cancellationToken);

    /// <summary>Returns the next name after one that is taken: <c>Mandos</c>, <c>Mandos #2</c>, <c>Mandos #3</c>.</summary>
    internal Task<string> FindAlternativeAsync(string service, CancellationToken cancellationToken) =>
        connection.CallAsync(
            Method("GetAlternativeServiceName"), w => w.WriteString(service), static r => r.ReadString(), Limit, cancellationToken);

    /// <summary>Creates an announcement, and reports its states until it is disposed.</summary>
    internal async Task<AvahiGroup> MakeGroupAsync(Action<string, AvahiGroupState> changed, CancellationToken cancellationToken)
    {
        var path = await connection.CallAsync(
            Method("EntryGroupNew"), null, static r => r.ReadObjectPath(), Limit, cancellationToken).ConfigureAwait(false);
        return await AvahiGroup.OpenAsync(connection, name, path, state => changed(path, state), cancellationToken).ConfigureAwait(false);
    }

    private BusMethodAddress Method(string member) => new(name, "/", Interface, member);
}
