using Mandos.Core.Secrets;
using Mandos.Server.Clients;
using Microsoft.Data.Sqlite;

namespace Mandos.Server.Store;

/// <summary>
/// The database file of the store. It gets its name only when it is complete, so that an empty file is a damaged one. Other users can never
/// read it; SQLite gives its log the same owner and mode.
/// </summary>
internal sealed class StoreDatabase : IDisposable
{
    private const string NewFileName = "clients.sqlite.new";
    private const string KeyNote = "key";

    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private readonly ChangeCounter _counter;
    private bool _keepsLog;

    private StoreDatabase(SqliteConnection connection, string path)
    {
        Connection = connection;
        Path = path;
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _rollback = Command("ROLLBACK");
        _counter = new ChangeCounter(this);
    }

    internal SqliteConnection Connection { get; }

    private bool IsInTransaction => SQLitePCL.raw.sqlite3_get_autocommit(Connection.Handle) == 0;

    /// <summary>The absolute path.</summary>
    internal string Path { get; }

    /// <summary>A finding that an administrator should know about; null if there is none.</summary>
    internal string? Notice => _counter.Notice;

    /// <summary>Opens the database of a directory, and its key; creates what does not exist.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="schema">The tables.</param>
    /// <param name="drawn">The key for a new database, if it was generated before.</param>
    /// <param name="key">The key of the database.</param>
    /// <exception cref="SqliteException">The database is unusable.</exception>
    /// <exception cref="StoreException">The same, with our own message.</exception>
    internal static StoreDatabase Open(StateDirectory directory, StoreSchema schema, SecretBuffer? drawn, out StoreKey key)
    {
        var path = directory.File(SqliteClientStore.FileName);
        try
        {
            var known = StoreKey.Read(directory);
            var log = directory.File(SqliteClientStore.LogFileName);
            var hasLog = directory.Holds(SqliteClientStore.LogFileName) && new FileInfo(log).Length > 0;
            if (!directory.Holds(SqliteClientStore.FileName))
            {
                // SQLite would apply the log to a new database.
                if (hasLog)
                    throw StoreFailure.Lost(path, log);
                RefuseLoss(directory);
                key = known ?? StoreKey.Create(directory, drawn);
                Create(directory, schema, key);
            }
            else if (new FileInfo(path).Length == 0)
            {
                throw StoreFailure.Damaged(path, "it is empty");
            }

            directory.KeepToOwner(SqliteClientStore.FileName);
            if (hasLog && WriteAheadLog.IsDamaged(File.ReadAllBytes(log)))
                throw StoreFailure.Damaged(path, $"{log} is damaged");
            // SQLite's message about a file that is not writable would be misleading.
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite).Dispose();
            var database = new StoreDatabase(SystemSqlite.Open(path), path);
            try
            {
                if (hasLog)
                    database.KeepLogAtClose(true);
                database.Check(schema);
                key = database.Unlock(directory, known);
                database._counter.Check(directory, key.Rows);
                database._counter.KeepIn(directory, key.Rows);
                return database;
            }
            catch
            {
                database.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(e, path);
        }
    }

    /// <summary>Opens a copy in memory of a database whose directory is not writable; a new one if there is none.</summary>
    /// <param name="directory">The directory; null if it does not exist.</param>
    /// <param name="path">The path of the database.</param>
    /// <param name="schema">The tables.</param>
    /// <param name="key">The key of the database; null if it has none.</param>
    /// <exception cref="SqliteException">The database is unusable.</exception>
    /// <exception cref="StoreException">The same, with our own message.</exception>
    internal static StoreDatabase OpenCopy(StateDirectory? directory, string path, StoreSchema schema, out StoreKey? key)
    {
        try
        {
            var log = path + SqliteClientStore.LogSuffix;
            var changes = directory is not null && directory.Holds(SqliteClientStore.LogFileName) ? File.ReadAllBytes(log) : [];
            key = directory is null ? null : StoreKey.Read(directory);
            if (directory is null || !directory.Holds(SqliteClientStore.FileName))
            {
                if (changes.Length > 0)
                    throw StoreFailure.Lost(path, log);
                if (directory is not null)
                    RefuseLoss(directory);
                var empty = new StoreDatabase(SystemSqlite.OpenInMemory(null), path);
                schema.Bring(empty, isNew: true);
                return empty;
            }

            var content = File.ReadAllBytes(path);
            if (content.Length < 512)
                throw StoreFailure.Damaged(path, "it is too short");
            if (WriteAheadLog.IsDamaged(changes))
                throw StoreFailure.Damaged(path, $"{log} is damaged");
            var database = new StoreDatabase(SystemSqlite.OpenInMemory(WriteAheadLog.Apply(content, changes)), path);
            try
            {
                database.CheckContent(schema);
                key = database.Unlock(directory, key);
                database._counter.Check(directory, key.Rows);
                return database;
            }
            catch
            {
                database.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(e, path);
        }
    }

    /// <summary>Makes changes, all or none; durable when this returns.</summary>
    /// <param name="changes">Makes the changes.</param>
    /// <param name="counts">Whether the loss of these changes would matter: see <see cref="LastChange"/>.</param>
    /// <exception cref="StoreException">Nothing was changed.</exception>
    internal void Change(Action changes, bool counts = false)
    {
        try
        {
            if (counts)
                _counter.Open();
            _ = _begin.ExecuteNonQuery();
            try
            {
                changes();
                if (counts)
                    _counter.Count();
                _ = _commit.ExecuteNonQuery();
                if (IsInTransaction)
                    throw new StoreException($"{Path}: a change was not stored", "report this; nothing was changed");
                if (_keepsLog)
                    KeepLogAtClose(false);
            }
            catch
            {
                // After a full disk, SQLite may have rolled the transaction back already.
                if (IsInTransaction)
                    _ = _rollback.ExecuteNonQuery();
                throw;
            }
        }
        catch (SqliteException e)
        {
            throw StoreFailure.Of(e, Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(e, Path);
        }

        if (counts)
            _counter.Write();
    }

    /// <summary>Returns a value that concerns the whole store; null if it does not exist.</summary>
    internal byte[]? Note(string name)
    {
        using var command = Command("SELECT value FROM note WHERE name = ?1", name);
        return (byte[]?)command.ExecuteScalar();
    }

    /// <summary>Sets a value that concerns the whole store; inside a change, or on its own.</summary>
    internal void Note(string name, byte[] value)
    {
        using var command = Command("INSERT OR REPLACE INTO note (name, value) VALUES (?1, ?2)", name, value);
        _ = command.ExecuteNonQuery();
    }

    /// <summary>Returns the values whose names are in a half-open range, ordered by name.</summary>
    internal IEnumerable<(string Name, byte[] Value)> Notes(string first, string end)
    {
        using var command = Command("SELECT name, value FROM note WHERE name >= ?1 AND name < ?2 ORDER BY name", first, end);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            yield return (reader.GetString(0), (byte[])reader.GetValue(1));
    }

    /// <summary>Deletes the values in a range; inside a change, or on its own.</summary>
    internal void DeleteNotes(string first, string end)
    {
        using var command = Command("DELETE FROM note WHERE name >= ?1 AND name < ?2", first, end);
        _ = command.ExecuteNonQuery();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        _rollback.Dispose();
        _counter.Dispose();
        Connection.Dispose();
    }

    private static void Create(StateDirectory directory, StoreSchema schema, StoreKey key)
    {
        File.Delete(directory.File(NewFileName + "-journal"));
        directory.CreateNew(NewFileName).Dispose();
        var path = directory.File(NewFileName);
        // The existing file counts the changes of another database.
        File.Delete(directory.File(LastChange.FileName));
        using (var database = new StoreDatabase(SystemSqlite.Open(path), path))
        {
            schema.Bring(database, isNew: true);
            database.Note(KeyNote, key.Check);
        }

        directory.Rename(NewFileName, SqliteClientStore.FileName);
    }

    /// <summary>
    /// Refuses to replace a lost store with a new one, which would have no disabled clients. After a clean stop, the state is also in the
    /// file for upstream Mandos.
    /// </summary>
    private static void RefuseLoss(StateDirectory directory)
    {
        if (directory.Holds(LastChange.FileName) && !directory.Holds(StateDirectory.OriginalName))
            throw StoreFailure.Gone(directory);
    }

    /// <summary>
    /// Keeps the log when the database is closed, until something is written: if the store is refused, its damaged files stay unchanged.
    /// </summary>
    private void KeepLogAtClose(bool keep)
    {
        _ = SQLitePCL.raw.sqlite3_db_config(Connection.Handle, SQLitePCL.raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, out _);
        _keepsLog = keep;
    }

    private void Check(StoreSchema schema)
    {
        // Exclusive mode comes first: the index of the log then needs no file that other processes could map.
        Ask("PRAGMA locking_mode = EXCLUSIVE");
        if (Ask("PRAGMA journal_mode = WAL") is not "wal")
            throw new StoreException($"{Path}: its file system does not support a write-ahead log");
        Ask("PRAGMA synchronous = FULL");
        CheckContent(schema);
    }

    private void CheckContent(StoreSchema schema)
    {
        Ask("PRAGMA trusted_schema = OFF");
        Ask("PRAGMA cell_size_check = ON");
        if (Ask("PRAGMA quick_check(1)") is not "ok" and var finding)
            throw StoreFailure.Damaged(Path, finding?.ToString()?.ReplaceLineEndings(" ") ?? "");
        schema.Bring(this, isNew: false);
    }

    /// <summary>
    /// Returns the key that this database was created with; a new one if that is lost and the database contains nothing that needs it.
    /// </summary>
    private StoreKey Unlock(StateDirectory directory, StoreKey? known)
    {
        // A store that was just created uses the key that was created for it.
        known ??= StoreKey.Read(directory);
        if (known is null)
        {
            if (Ask("SELECT count(*) FROM client") is not 0L)
                throw new StoreException(
                    $"{directory.File(StoreKey.FileName)} is missing: the secrets in {Path} cannot be read without it",
                    StoreKey.LossHint(directory));
            if (directory.IsReadOnly)
                throw new StoreException($"{directory.File(StoreKey.FileName)} is missing", StoreKey.LossHint(directory));
            Change(() => Ask("DELETE FROM configured"));
            known = StoreKey.Create(directory);
            Change(() => Note(KeyNote, known.Check));
        }

        return Note(KeyNote) is { } check && check.AsSpan().SequenceEqual(known.Check)
            ? known
            : throw new StoreException(
                $"{directory.File(StoreKey.FileName)} is not the key that {Path} was written with", StoreKey.LossHint(directory));
    }

    /// <summary>Runs one statement and returns its first value.</summary>
    /// <exception cref="ArgumentException">There is more than one statement: see <see cref="StoreSchema"/>.</exception>
    internal object? Ask(string question)
    {
        if (question.Contains(';', StringComparison.Ordinal))
            throw new ArgumentException("one statement a command", nameof(question));

        using var command = Command(question);
        return command.ExecuteScalar();
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<object> parameters)
    {
        var command = Connection.CreateCommand();
        command.CommandText = text;
        for (var i = 0; i < parameters.Length; i++)
            _ = command.Parameters.AddWithValue(
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"?{i + 1}"), parameters[i]);
        return command;
    }
}
