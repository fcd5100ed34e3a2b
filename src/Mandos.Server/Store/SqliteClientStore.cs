using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;
using Microsoft.Data.Sqlite;

namespace Mandos.Server.Store;

/// <summary>
/// The store of one server: an SQLite database that only this process has open, with a write-ahead log that is flushed to disk before a
/// change returns. Not thread-safe.
/// </summary>
internal sealed partial class SqliteClientStore : IClientStore
{
    internal const string FileName = "clients.sqlite";
    internal const string LogFileName = FileName + LogSuffix;
    internal const string LogSuffix = "-wal";
    private const string ReplacedNote = "replaced";

    private readonly StateDirectory? _owned;
    private readonly StoreDatabase _database;
    private readonly StoreKey _key;
    private readonly StoreRows _rows;
    private readonly TimesJournal _times;
    private readonly BootClock _boot;

    /// <summary>What this process saved last; shows which changes matter, and what differs at a reload.</summary>
    private readonly SavedTable _saved = new();

    /// <summary>The state that was read, kept until it is replaced, because most of it is replaced by the same.</summary>
    private StoredState? _read;

    private SqliteClientStore(StateDirectory? directory, bool owns, StoreDatabase database, StoreKey key, TimeProvider time, BootClock boot)
    {
        Directory = directory;
        _owned = owns ? directory : null;
        _database = database;
        _key = key;
        _rows = new StoreRows(database, key, time, boot);
        _times = new TimesJournal(database, key.Rows);
        _boot = boot;
    }

    /// <summary>The locked directory; null for a copy without one.</summary>
    internal StateDirectory? Directory { get; }

    /// <summary>
    /// The key of a copy whose directory has none yet: see <see cref="Open(StateDirectory, TimeProvider, BootClock, SecretBuffer?)"/>.
    /// </summary>
    internal SecretBuffer? DrawnKey { get; private init; }

    /// <summary>A finding that an administrator should know about; null if there is none.</summary>
    internal string? Notice => _database.Notice;

    /// <summary>For tests only.</summary>
    internal SqliteConnection Connection => _database.Connection;

    /// <summary>
    /// When the outcome of a start or reload was last saved, in UTC; null if that never happened, which is the first start.
    /// </summary>
    /// <exception cref="StoreException">The value is unreadable; the saved state must not be ignored because of that.</exception>
    internal DateTime? ReplacedAt => _database.Note(ReplacedNote) switch
    {
        null when _rows.AreNone => null,
        { Length: sizeof(long) } note when BitConverter.ToInt64(note) is >= 0 and var ticks && ticks <= DateTime.MaxValue.Ticks =>
            new DateTime(ticks, DateTimeKind.Utc),
        _ => throw StoreFailure.Damaged(_database.Path, "it does not say when it was written"),
    };

    /// <summary>Opens the store of a directory; creates it if it does not exist.</summary>
    /// <exception cref="StoreException">The store is damaged, from a newer server, in use, or cannot be read or written.</exception>
    internal static SqliteClientStore Open(string directory, TimeProvider time, BootClock boot) =>
        Open(directory, time, boot, StoreSchema.Current);

    /// <summary>Opens a store with other tables, and with a key that was generated before if it is new.</summary>
    internal static SqliteClientStore Open(
        string directory, TimeProvider time, BootClock boot, StoreSchema schema, SecretBuffer? drawn = null)
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

    /// <summary>Opens the store of a directory that the caller has locked and keeps.</summary>
    /// <param name="directory">The locked directory.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="boot">The clock of the machine.</param>
    /// <param name="drawn">The key for a new store.</param>
    internal static SqliteClientStore Open(StateDirectory directory, TimeProvider time, BootClock boot, SecretBuffer? drawn)
    {
        directory.IsReadOnly = false;
        return Open(directory, owns: false, time, boot, StoreSchema.Current, drawn);
    }

    /// <summary>
    /// Opens a copy in memory of the store in a directory that does not exist or is not writable. What is saved in the copy is lost when
    /// the process exits. The directory stays locked.
    /// </summary>
    /// <exception cref="StoreException">The store is damaged, from a newer server, in use, or cannot be read.</exception>
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

    private static SqliteClientStore Open(
        StateDirectory directory, bool owns, TimeProvider time, BootClock boot, StoreSchema schema, SecretBuffer? drawn)
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

    /// <summary>Returns a value that concerns the whole store; null if it does not exist.</summary>
    internal byte[]? Note(string name) => _database.Note(name);

    /// <summary>Sets a value that concerns the whole store; durable when this returns.</summary>
    /// <exception cref="StoreException">The value was not set.</exception>
    internal void Note(string name, byte[] value) => _database.Change(() => _database.Note(name, value));

    /// <inheritdoc />
    public StoredState Load()
    {
        try
        {
            return _read = _rows.Read(_times.Read(_database.Note(ReplacedNote)));
        }
        catch (SqliteException e)
        {
            throw StoreFailure.Of(e, _database.Path);
        }
    }

    /// <summary>
    /// Returns what <see cref="Load"/> would return, without reading, if this process wrote all of it and still has the secrets; otherwise
    /// null.
    /// </summary>
    internal StoredState? Known(Moment now) => _saved.Held(now);

    /// <inheritdoc />
    public void Replace(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured, Moment now)
    {
        if (!_saved.IsWhole && _read is { } read)
            _saved.Take(read, now);
        _read = null;
        if (_saved.IsWhole)
            ReplaceWhatDiffers(clients, configured, now);
        else
            ReplaceAll(clients, configured, now);
        _saved.Replace(clients, configured);
    }

    /// <inheritdoc />
    public void Save(IReadOnlyList<ClientState> changed, IReadOnlyList<string> removed, Moment now)
    {
        _read = null;
        // What an earlier run left is unknown until the table has been replaced.
        List<string> overtaken =
            [.. changed.Select(c => c.Name).Concat(removed).Where(name => !_saved.IsWhole || _times.Holds(name)).Distinct()];
        _database.Change(
            () =>
            {
                _rows.Delete(removed);
                foreach (var client in changed)
                    _rows.Put(client, now);
                if (overtaken.Count > 0)
                    _times.Overtake(overtaken, now, _boot);
            },
            counts: removed.Count > 0 || changed.Any(Matters));
        _times.Overtaken(overtaken);
        _saved.Save(changed, removed);
    }

    /// <inheritdoc />
    public void SaveTimes(IReadOnlyList<ClientState> changed, Moment now)
    {
        // A disabled client has no times to save; times without a row would belong to no client.
        if (!_saved.IsWhole || changed.Any(c => c.Expires is null || _saved.Find(c.Name) is null))
        {
            Save(changed, [], now);
            return;
        }

        if (_times.IsLong)
        {
            var latest = changed.Concat(_saved.Clients.Where(c => _times.Holds(c.Name) && c.Expires is not null))
                .DistinctBy(c => c.Name)
                .ToList();
            _database.Change(() => _times.Rewrite(latest, now, _boot));
            _times.Rewritten(latest);
        }
        else
        {
            _database.Change(() => _times.Add(changed, now, _boot));
            _times.Added(changed);
        }

        _saved.Save(changed, []);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _rows.Dispose();
        _database.Dispose();
        DrawnKey?.Dispose();
        _owned?.Dispose();
    }

    /// <summary>Whether more has changed than what each check changes.</summary>
    private bool Matters(ClientState client) => _saved.Find(client.Name) is not { } saved
        || !client.SavesAs(
            saved with { LastCheckedOk = client.LastCheckedOk, LastCheckerStatus = client.LastCheckerStatus, Expires = client.Expires });

    private void ReplaceAll(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured, Moment now)
    {
        _database.Change(
            () =>
            {
                _rows.Clear();
                foreach (var client in clients)
                    _rows.Put(client, now);
                foreach (var section in configured)
                    _rows.Put(section);
                _times.Clear(NoteReplaced(now));
            },
            counts: true);
        _times.Cleared();
    }

    /// <summary>
    /// Writes only the differences. The order of rows matters only for clients that are not in the configuration, and these keep theirs: at
    /// a start, configured clients come first, in the order of the configuration.
    /// </summary>
    private void ReplaceWhatDiffers(IReadOnlyList<ClientState> clients, IReadOnlyList<ConfiguredClient> configured, Moment now)
    {
        var changed = clients.Where(_saved.Differs).ToList();
        var gone = _saved.NamesWithout(clients);
        List<string> overtaken = [.. changed.Select(c => c.Name).Concat(gone).Where(_times.Holds).Distinct()];
        _database.Change(
            () =>
            {
                _rows.Delete(gone);
                foreach (var client in changed)
                    _rows.Put(client, now);
                foreach (var name in _saved.SectionsWithout(configured))
                    _rows.DeleteSection(name);
                foreach (var section in configured.Where(_saved.Differs))
                    _rows.Put(section);
                _times.Bind(NoteReplaced(now));
                if (overtaken.Count > 0)
                    _times.Overtake(overtaken, now, _boot);
            },
            counts: true);
        _times.Bound();
        _times.Overtaken(overtaken);
    }

    private byte[] NoteReplaced(Moment now)
    {
        var replaced = BitConverter.GetBytes(now.Wall.Ticks);
        _database.Note(ReplacedNote, replaced);
        _database.Note(LeftNote, []);
        NoteFiles();
        return replaced;
    }
}
