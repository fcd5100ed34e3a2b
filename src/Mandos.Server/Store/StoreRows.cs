using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>The rows of the clients and of the sections that they were built from, all sealed.</summary>
internal sealed class StoreRows : IDisposable
{
    private readonly string _path;
    private readonly SealedSecrets _secrets;
    private readonly SealedTable _clients;
    private readonly SealedTable _configured;
    private readonly TimeProvider _time;
    private readonly BootClock _boot;

    internal StoreRows(StoreDatabase database, StoreKey key, TimeProvider time, BootClock boot)
    {
        _path = database.Path;
        _secrets = new SealedSecrets(new SecretSeal(key.Encryption));
        _clients = new SealedTable(database.Connection, "client", ClientRow.Columns, key.Rows);
        _configured = new SealedTable(database.Connection, "configured", ConfiguredRow.Columns, key.Rows);
        _time = time;
        _boot = boot;
    }

    /// <summary>Whether there are no rows at all.</summary>
    internal bool AreNone => !_clients.Rows().Concat(_configured.Rows()).Any();

    /// <summary>Reads all rows.</summary>
    /// <param name="times">The times that were saved after the rows, by client.</param>
    /// <exception cref="StoreException">A row is damaged.</exception>
    internal StoredState Read(Dictionary<string, SavedTimes> times)
    {
        var clients = new List<StoredClient>();
        try
        {
            foreach (var row in _clients.Rows())
                clients.Add(ClientRow.Read(Intact(row, times), Open, _time.GetUtcNow().UtcDateTime, _boot));
            return new(
                clients, _configured.Rows().Select(row => ConfiguredRow.Read(new RowReader(Intact(row)))).ToDictionary(c => c.Name));
        }
        catch
        {
            foreach (var client in clients)
                client.State.Secret.Dispose();
            throw;
        }
    }

    /// <summary>Deletes all rows.</summary>
    internal void Clear()
    {
        _clients.Clear();
        _configured.Clear();
    }

    /// <summary>Writes a client.</summary>
    internal void Put(ClientState client, Moment now) => _clients.Put(ClientRow.Of(client, _secrets.Seal(client), now, _boot));

    /// <summary>Writes a section.</summary>
    internal void Put(ConfiguredClient section) => _configured.Put(ConfiguredRow.Of(section));

    /// <summary>Deletes clients.</summary>
    internal void Delete(IReadOnlyList<string> clients)
    {
        foreach (var name in clients)
        {
            _clients.Delete(name);
            _secrets.Forget(name);
        }
    }

    /// <summary>Deletes a section.</summary>
    internal void DeleteSection(string name) => _configured.Delete(name);

    /// <inheritdoc />
    public void Dispose()
    {
        _clients.Dispose();
        _configured.Dispose();
    }

    private ClientSecret Open(string client, byte[] box) => _secrets.Open(client, box)
        ?? throw StoreFailure.Damaged(_path, $"the secret of client [{client}] is damaged");

    private RowReader Intact(object?[]? row, Dictionary<string, SavedTimes> times)
    {
        var values = Intact(row);
        if (values[0] is string name && times.TryGetValue(name, out var later))
            later.PutInto(values);
        return new RowReader(values);
    }

    private object?[] Intact(object?[]? row) => row ?? throw StoreFailure.Damaged(_path, "a row is damaged");
}
