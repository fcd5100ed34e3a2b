using Mandos.Core.Linux;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;
using Microsoft.Data.Sqlite;

namespace Mandos.Server.Store;

/// <summary>
/// The store of one server: an SQLite database that this process alone has open, with a write-ahead log that is on the disk
/// before a change returns. Not for more than one thread at a time.
/// </summary>
internal sealed class SqliteClientStore : IClientStore
{
    internal const string FileName = "clients.sqlite";
    internal const string LogFileName = FileName + LogSuffix;
    internal const string LogSuffix = "-wal";
    private const string ReplacedNote = "replaced";
    private const string LeftNote = "left";

    private readonly StateDirectory? _owned;
    private readonly StoreDatabase _database;
    private readonly StoreKey _key;
    private readonly SealedSecrets _secrets;
    private readonly SealedTable _clients;
    private readonly SealedTable _configured;
    private readonly TimeProvider _time;
    private readonly BootClock _boot;

    /// <summary>Each client as it was saved last, to tell what matters of a change.</summary>
    private readonly Dictionary<string, ClientState> _saved = [];

    private SqliteClientStore(StateDirectory? directory, bool owns, StoreDatabase database, StoreKey key, TimeProvider time, BootClock boot)
    {
        Directory = directory;
        _owned = owns ? directory : null;
        _database = database;
        _key = key;
        _secrets = new SealedSecrets(new SecretSeal(key.Encryption));
        _clients = new SealedTable(database.Connection, "client", ClientRow.Columns, key.Rows);
        _configured = new SealedTable(database.Connection, "configured", ConfiguredRow.Columns, key.Rows);
        _time = time;
        _boot = boot;
    }

    /// <summary>The directory that is locked; null if there is none, for a copy.</summary>
    internal StateDirectory? Directory { get; }

    /// <summary>The key of a copy that has none yet: see <see cref="Open(StateDirectory, TimeProvider, BootClock, SecretBuffer?)"/>.</summary>
    internal SecretBuffer? DrawnKey { get; private init; }

    /// <summary>Something that an administrator should know about what was found; null if there is nothing.</summary>
    internal string? Notice => _database.Notice;

    /// <summary>For what only a test does.</summary>
    internal SqliteConnection Connection => _database.Connection;

    /// <summary>When the outcome of a start or a reload was saved last, UTC; null if nothing ever was: this is the first start.</summary>
    /// <exception cref="StoreException">It is not to be read; what was saved must not be passed over because of it.</exception>
    internal DateTime? ReplacedAt => _database.Note(ReplacedNote) switch
    {
        null when !_clients.Rows().Concat(_configured.Rows()).Any() => null,
        { Length: sizeof(long) } note when BitConverter.ToInt64(note) is >= 0 and var ticks && ticks <= DateTime.MaxValue.Ticks => new DateTime(ticks, DateTimeKind.Utc),
        _ => throw StoreFailure.Damaged(_database.Path, "it does not say when it was written"),
    };

    /// <summary>Whether our state was left for the original at the last stop, and no start followed.</summary>
    internal bool IsLeftForOriginal => _database.Note(LeftNote) is { Length: > 0 };

    /// <summary>Remembers it.</summary>
    /// <exception cref="StoreException">It cannot be saved.</exception>
    internal void NoteLeftForOriginal() => Note(LeftNote, [1]);

    /// <summary>Opens the store of a directory; makes one if there is none.</summary>
    /// <exception cref="StoreException">It is damaged, of a newer server, in use, or cannot be read or written.</exception>
    internal static SqliteClientStore Open(string directory, TimeProvider time, BootClock boot) => Open(directory, time, boot, StoreSchema.Current);

    /// <summary>The same with other tables, and the key for a new store if it was drawn before.</summary>
    internal static SqliteClientStore Open(string directory, TimeProvider time, BootClock boot, StoreSchema schema, SecretBuffer? drawn = null)
    {
        var state = StateDirectory.Open(directory);
        try
        {
            return Open(state, owns: true, time, boot, schema, drawn);
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>The same in a directory that is locked already, and stays the caller's.</summary>
    /// <param name="directory">Locked.</param>
    /// <param name="time">Both clocks.</param>
    /// <param name="boot">The clock of the machine.</param>
    /// <param name="drawn">The key for a new store.</param>
    internal static SqliteClientStore Open(StateDirectory directory, TimeProvider time, BootClock boot, SecretBuffer? drawn)
    {
        directory.IsReadOnly = false;
        return Open(directory, owns: false, time, boot, StoreSchema.Current, drawn);
    }

    /// <summary>
    /// A copy in memory of what a directory holds that cannot be written, or is not there. What is saved in it is gone with
    /// the process. The directory stays locked.
    /// </summary>
    /// <exception cref="StoreException">It is damaged, of a newer server, in use, or cannot be read.</exception>
    internal static SqliteClientStore OpenCopy(string directory, TimeProvider time, BootClock boot)
    {
        StateDirectory? state = null;
        SecretBuffer? drawn = null;
        StoreDatabase? database = null;
        var path = Path.Combine(Path.GetFullPath(directory), FileName);
        try
        {
            try
            {
                state = StateDirectory.OpenReadOnly(directory);
            }
            catch (StoreException e) when (e.IsAboutAbsence)
            {
                // There is nothing to copy.
            }

            database = StoreDatabase.OpenCopy(state, path, StoreSchema.Current, out var key);
            return new SqliteClientStore(state, owns: true, database, key ?? StoreKey.Draw(out drawn), time, boot) { DrawnKey = drawn };
        }
        catch (Exception e)
        {
            database?.Dispose();
            drawn?.Dispose();
            state?.Dispose();
            if (e is SqliteException failure)
                throw StoreFailure.Of(failure, path);
            throw;
        }
    }

    private static SqliteClientStore Open(StateDirectory directory, bool owns, TimeProvider time, BootClock boot, StoreSchema schema, SecretBuffer? drawn)
    {
        StoreDatabase? database = null;
        try
        {
            database = StoreDatabase.Open(directory, schema, drawn, out var key);
            return new SqliteClientStore(directory, owns, database, key, time, boot);
        }
        catch (Exception e)
        {
            database?.Dispose();
            if (e is SqliteException failure)
                throw StoreFailure.Of(failure, directory.File(FileName));
            throw;
        }
    }

    /// <summary>See <see cref="ConfiguredClient.SecretDigest"/>.</summary>
    internal string Digest(string client, ClientSecret secret) => _key.Digest(client, secret);

    /// <summary>A value that is about the whole store; null if there is none.</summary>
    internal byte[]? Note(string name) => _database.Note(name);

    /// <summary>Sets it; lasts when this returns.</summary>
    /// <exception cref="StoreException">It was not set.</exception>
    internal void Note(string name, byte[] value) => _database.Change(() => _database.Note(name, value));

    /// <inheritdoc />
    public StoredState Load()
    {
        var clients = new List<StoredClient>();
        try
        {
            foreach (var row in _clients.Rows())
                clients.Add(ClientRow.Read(Intact(row), Open, _time.GetUtcNow().UtcDateTime, _boot));
            return new StoredState(clients, _configured.Rows().Select(row => ConfiguredRow.Read(Intact(row))).ToDictionary(c => c.Name));
        }
        catch (Exception e)
        {
            foreach (var client in clients)
                client.State.Secret.Dispose();
            if (e is SqliteException failure)
                throw StoreFailure.Of(failure, _database.Path);
            throw;
        }
    }

    /// <inheritdoc />
    public void Replace(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured, Moment now)
    {
        _database.Change(
            () =>
            {
                _clients.Clear();
                _configured.Clear();
                foreach (var client in clients)
                    Put(client, now);
                foreach (var client in configured)
                    _configured.Put(ConfiguredRow.Of(client));
                _database.Note(ReplacedNote, BitConverter.GetBytes(now.Wall.Ticks));
                _database.Note(LeftNote, []);
            },
            counts: true);
        _saved.Clear();
        foreach (var client in clients)
            _saved[client.Name] = client;
    }

    /// <inheritdoc />
    public void Save(IReadOnlyList<ClientState> changed, IReadOnlyList<string> removed, Moment now)
    {
        _database.Change(
            () =>
            {
                foreach (var name in removed)
                {
                    _clients.Delete(name);
                    _secrets.Forget(name);
                }

                foreach (var client in changed)
                    Put(client, now);
            },
            counts: removed.Count > 0 || changed.Any(Matters));
        foreach (var name in removed)
            _saved.Remove(name);
        foreach (var client in changed)
            _saved[client.Name] = client;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _clients.Dispose();
        _configured.Dispose();
        _database.Dispose();
        DrawnKey?.Dispose();
        _owned?.Dispose();
    }

    /// <summary>Whether more is different than what each check changes.</summary>
    private bool Matters(ClientState client) => !_saved.TryGetValue(client.Name, out var saved)
        || !client.SavesAs(saved with { LastCheckedOk = client.LastCheckedOk, LastCheckerStatus = client.LastCheckerStatus, Expires = client.Expires });

    private void Put(ClientState client, Moment now) => _clients.Put(ClientRow.Of(client, _secrets.Seal(client), now, _boot));

    private ClientSecret Open(string client, byte[] box) => _secrets.Open(client, box)
        ?? throw StoreFailure.Damaged(_database.Path, $"the secret of client [{client}] is not what was written");

    private RowReader Intact(object?[]? row) => row is not null
        ? new RowReader(row)
        : throw StoreFailure.Damaged(_database.Path, "a row is not what was written");
}
