using Mandos.Bus.Messages;

namespace Mandos.Bus.Connections;

/// <summary>Names on the bus: our own, and the owners of others.</summary>
public sealed partial class BusConnection
{
    private const string BusName = "org.freedesktop.DBus";
    private const string BusPath = "/org/freedesktop/DBus";
    private const uint DoNotQueue = 4;
    private const uint PrimaryOwner = 1;
    private const uint AlreadyOwner = 4;

    /// <summary>Requests a name; false: another connection owns it. The request is not queued and never replaces the owner.</summary>
    /// <exception cref="BusException">The bus does not allow it.</exception>
    public Task<bool> RequestNameAsync(string name, CancellationToken cancellationToken) =>
        CallAsync(
            ToBus("RequestName"),
            w =>
            {
                w.WriteString(name);
                w.WriteUInt32(DoNotQueue);
            },
            static r => r.ReadUInt32() is PrimaryOwner or AlreadyOwner,
            DefaultTimeout,
            cancellationToken);

    /// <summary>Releases a name.</summary>
    public Task ReleaseNameAsync(string name, CancellationToken cancellationToken) =>
        CallAsync(ToBus("ReleaseName"), w => w.WriteString(name), DefaultTimeout, cancellationToken);

    /// <summary>Returns the unique name of the owner of a name; null if it has no owner.</summary>
    public async Task<string?> FindOwnerAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync(
                ToBus("GetNameOwner"), w => w.WriteString(name), static r => r.ReadString(), DefaultTimeout,
                cancellationToken).ConfigureAwait(false);
        }
        catch (BusException e) when (e.Name == BusErrors.NameHasNoOwner)
        {
            return null;
        }
    }

    /// <summary>
    /// Calls back whenever the owner of a name changes, with null if there is none. The caller must query the current owner after this.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="changed">Called on the thread of the connection.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Ends the callbacks when disposed.</returns>
    public Task<IAsyncDisposable> WatchOwnerAsync(string name, Action<string?> changed, CancellationToken cancellationToken) =>
        MatchAsync(
            new() { Sender = BusName, Path = BusPath, Interface = BusName, Member = "NameOwnerChanged", FirstArgument = name },
            (_, arguments) =>
            {
                arguments.Skip("ss");
                changed(arguments.ReadString() is { Length: > 0 } owner ? owner : null);
            },
            cancellationToken);

    /// <summary>Queries a number that the bus knows about a connection.</summary>
    internal Task<uint> AskOfCallerAsync(string member, string name, TimeSpan timeout) =>
        CallAsync(ToBus(member), w => w.WriteString(name), static r => r.ReadUInt32(), timeout, CancellationToken.None);

    private static BusMethodAddress ToBus(string member) => new(BusName, BusPath, BusName, member);
}
