using Mandos.Core.Secrets;
using Mandos.Server.Clients;
using Microsoft.Data.Sqlite;

namespace Mandos.Server.Store;

/// <summary>
/// The file of the store. It gets its name when it is complete, so that one that is empty is one that was damaged, and it is
/// never readable by others; SQLite gives its log the same owner and mode.
/// </summary>
internal sealed class StoreDatabase : IDisposable
{
    private const string NewFileName = "clients.sqlite.new";
    private const string KeyNote = "key";
    private const string NumberNote = "changes";

    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private StateDirectory? _directory;
    private RowSeal? _seal;
    private LastChange? _last;
    private long _number;
    private bool _keepsLog;

    private StoreDatabase(SqliteConnection connection, string path)
    {
        Connection = connection;
        Path = path;
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _rollback = Command("ROLLBACK");
    }

    internal SqliteConnection Connection { get; }

    private bool IsInTransaction => SQLitePCL.raw.sqlite3_get_autocommit(Connection.Handle) == 0;

    /// <summary>Absolute.</summary>
    internal string Path { get; }

    /// <summary>Something that an administrator should know about what was found; null if there is nothing.</summary>
    internal string? Notice { get; private set; }

    /// <summary>Opens the database of a directory, and its key; makes what is not there.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="schema">The tables.</param>
    /// <param name="drawn">The key for a new one, if it was drawn before.</param>
    /// <param name="key">Its key.</param>
    /// <exception cref="SqliteException">Something is wrong with it.</exception>
    /// <exception cref="StoreException">The same, in our words.</exception>
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
                // SQLite would put them into a new one.
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
            // What SQLite says about a file that cannot be written is about something else.
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite).Dispose();
            var database = new StoreDatabase(SystemSqlite.Open(path), path);
            try
            {
                if (hasLog)
                    database.KeepLogAtClose(true);
                database.Check(schema);
                key = database.Unlock(directory, known);
                database.Count(directory, key);
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

    /// <summary>A copy in memory of the database of a directory, which cannot be written; a new one if there is none.</summary>
    /// <param name="directory">Where; null if there is no directory.</param>
    /// <param name="path">Of the database.</param>
    /// <param name="schema">The tables.</param>
    /// <param name="key">Its key; null if it has none.</param>
    /// <exception cref="SqliteException">Something is wrong with it.</exception>
    /// <exception cref="StoreException">The same, in our words.</exception>
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
                database.Count(directory, key);
                database._directory = null;
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

    /// <summary>Makes changes, all or none; they last when this returns.</summary>
    /// <param name="changes">What to do.</param>
    /// <param name="counts">It would matter if they were lost: see <see cref="LastChange"/>.</param>
    /// <exception cref="StoreException">Nothing was changed.</exception>
    internal void Change(Action changes, bool counts = false)
    {
        try
        {
            if (counts && _directory is not null)
                _last ??= LastChange.Open(_directory, _seal!);
            _ = _begin.ExecuteNonQuery();
            try
            {
                changes();
                if (counts)
                    Note(NumberNote, BitConverter.GetBytes(_number + 1));
                _ = _commit.ExecuteNonQuery();
                if (IsInTransaction)
                    throw new StoreException($"{Path}: a change was not stored", "report this; nothing was changed");
                if (_keepsLog)
                    KeepLogAtClose(false);
                if (counts)
                    _number++;
            }
            catch
            {
                // A full disk may have rolled it back already.
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
            WriteNumber();
    }

    /// <summary>A value that is about the whole store; null if there is none.</summary>
    internal byte[]? Note(string name)
    {
        using var command = Command("SELECT value FROM note WHERE name = ?1", name);
        return (byte[]?)command.ExecuteScalar();
    }

    /// <summary>Sets it; inside a change, or alone.</summary>
    internal void Note(string name, byte[] value)
    {
        using var command = Command("INSERT OR REPLACE INTO note (name, value) VALUES (?1, ?2)", name, value);
        _ = command.ExecuteNonQuery();
    }

    /// <summary>The values whose names are from one on and before another, in the order of the names.</summary>
    internal IEnumerable<(string Name, byte[] Value)> Notes(string first, string end)
    {
        using var command = Command("SELECT name, value FROM note WHERE name >= ?1 AND name < ?2 ORDER BY name", first, end);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            yield return (reader.GetString(0), (byte[])reader.GetValue(1));
    }

    /// <summary>Deletes those; inside a change, or alone.</summary>
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
        _last?.Dispose();
        Connection.Dispose();
    }

    private static void Create(StateDirectory directory, StoreSchema schema, StoreKey key)
    {
        File.Delete(directory.File(NewFileName + "-journal"));
        directory.CreateNew(NewFileName).Dispose();
        var path = directory.File(NewFileName);
        // It counts the changes of another one.
        File.Delete(directory.File(LastChange.FileName));
        using (var database = new StoreDatabase(SystemSqlite.Open(path), path))
        {
            schema.Bring(database, isNew: true);
            database.Note(KeyNote, key.Check);
        }

        directory.Rename(NewFileName, SqliteClientStore.FileName);
    }

    /// <summary>
    /// A new store in the place of one that was lost would have no disabled clients. If the server was stopped properly, the state is
    /// also in the file for upstream Mandos.
    /// </summary>
    private static void RefuseLoss(StateDirectory directory)
    {
        if (directory.Holds(LastChange.FileName) && !directory.Holds(StateDirectory.OriginalName))
            throw StoreFailure.Gone(directory);
    }

    /// <summary>Until something is written nothing is: when it is refused, the files of a damaged store are as they were.</summary>
    private void KeepLogAtClose(bool keep)
    {
        _ = SQLitePCL.raw.sqlite3_db_config(Connection.Handle, SQLitePCL.raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, out _);
        _keepsLog = keep;
    }

    private void Check(StoreSchema schema)
    {
        // Exclusive first: with it the index of the log needs no file that others could map.
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

    /// <summary>Refuses a database that ends before what was saved last.</summary>
    private void Count(StateDirectory directory, StoreKey key)
    {
        _directory = directory;
        _seal = key.Rows;
        _number = Note(NumberNote) is { Length: sizeof(long) } note ? BitConverter.ToInt64(note) : 0;
        var last = LastChange.Read(directory, key.Rows);
        if (last > _number)
            throw StoreFailure.Older(directory, _number, last.Value);
        if (last is null && _number > 0)
            Notice =
                $"{directory.File(LastChange.FileName)} is missing or damaged: {Path} may not be the last saved state; check which "
                    + "clients are enabled";
    }

    /// <summary>The change itself is on the disk: that its number is not only means that its loss would not be found out.</summary>
    private void WriteNumber()
    {
        try
        {
            _last?.Write(_number);
        }
        catch (IOException)
        {
            // The next change writes it again.
        }
    }

    /// <summary>The key that this database was made with; a new one if the old one is lost and there is nothing to lose.</summary>
    private StoreKey Unlock(StateDirectory directory, StoreKey? known)
    {
        // A store that was made just now has the key that was made for it.
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

    /// <summary>Runs one statement; its first value.</summary>
    /// <exception cref="ArgumentException">They are several: see <see cref="StoreSchema"/>.</exception>
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
