using Mandos.BusClient;
using Mandos.Core.Text;

namespace Mandos.Monitor.Following;

/// <summary>What is known of the server: its clients and what happened.</summary>
internal sealed class MonitorModel(TimeProvider time) : ServerModel
{
    internal ClientTable Clients { get; } = new();

    internal EventLog Log { get; } = new();

    /// <summary>Whether checks that succeed are logged, too.</summary>
    internal bool IsVerbose { get; set; }

    /// <inheritdoc />
    public override void Fail(string what, BusFailure failure) =>
        Note($"{what}{failure.Message}{(failure.Hint is null ? "" : $"; hint: {failure.Hint}")}", EventKind.Warning);

    /// <summary>Logs something that is not a signal.</summary>
    internal void Note(string text, EventKind kind = EventKind.Plain) => Log.Add(time.GetUtcNow(), text, kind);

    /// <inheritdoc />
    protected override void Take(IReadOnlyList<ClientState> clients, bool? hadServer)
    {
        Clients.Replace(clients);
        if (HasServer == false && hadServer != false)
            Note("no Mandos server is on the system bus; waiting for one", EventKind.Warning);
        else if (HasServer == true && hadServer != true)
            Note($"connected to the Mandos server: {Quantity.Of(clients.Count, "client")}");
    }

    /// <inheritdoc />
    protected override void Take(ServerSignal signal)
    {
        var path = SignalDescription.PathOf(signal);
        var client = path is null ? null : Clients.Find(path);
        switch (signal)
        {
            case ServerSignal.Added added:
                client = added.Client;
                Clients.Put(client);
                break;
            case ServerSignal.Removed removed:
                Clients.Remove(removed.Path);
                break;
            case ServerSignal.Changed changed when client is not null:
                client = client.With(changed.Properties);
                Clients.Put(client);
                break;
            case ServerSignal.Left or ServerSignal.Lost:
                // Our server removes its clients from the bus before it stops.
                Log.RemoveNewest(EventKind.Removal);
                Clients.Replace([]);
                break;
        }

        if (IsLogged(signal))
            Note($"{(path is null ? "" : $"{client?.Name ?? path}: ")}{SignalDescription.Describe(signal)}", KindOf(signal));
    }

    private bool IsLogged(ServerSignal signal) => signal switch
    {
        ServerSignal.Changed => false,
        ServerSignal.CheckerStarted or ServerSignal.CheckerCompleted { ExitCode: 0 } or ServerSignal.Added => IsVerbose,
        _ => true,
    };

    private static EventKind KindOf(ServerSignal signal) => signal switch
    {
        ServerSignal.Removed => EventKind.Removal,
        ServerSignal.Rejected or ServerSignal.ClientNotFound or ServerSignal.NeedApproval or ServerSignal.Left or ServerSignal.Lost
            or ServerSignal.ExpiresSoon or ServerSignal.CheckerCompleted { ExitCode: not 0 } => EventKind.Warning,
        _ => EventKind.Plain,
    };
}
