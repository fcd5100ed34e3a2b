using System.Reflection;
using System.Runtime.InteropServices;
using Mandos.Server.Clients;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Mandos.Server.Store;

/// <summary>
/// The system's SQLite library, so that security fixes apply and nothing is bundled. The provider asks for a name without a version, which
/// exists only where the development files are installed; this class loads the versioned name.
/// </summary>
internal static class SystemSqlite
{
    private const string Library = "libsqlite3.so.0";

    private static readonly Lazy<bool> Ready = new(() =>
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_sqlite3).Assembly, Resolve);
        raw.SetProvider(new SQLite3Provider_sqlite3());
        return true;
    });

    /// <summary>Opens an existing database for this process alone.</summary>
    /// <exception cref="SqliteException">The database cannot be opened.</exception>
    /// <exception cref="StoreException">The library is not installed.</exception>
    internal static SqliteConnection Open(string path) => Open(path, SqliteOpenMode.ReadWrite);

    /// <summary>Opens a database that a running process may own, without its log and its locks; the data may be out of date.</summary>
    /// <exception cref="SqliteException">The database cannot be opened.</exception>
    /// <exception cref="StoreException">The library is not installed.</exception>
    internal static SqliteConnection OpenToLook(string path) => Open($"{new Uri(path).AbsoluteUri}?immutable=1", SqliteOpenMode.ReadOnly);

    /// <summary>Opens a database in memory.</summary>
    /// <param name="content">The content of a database file; null for an empty database.</param>
    internal static SqliteConnection OpenInMemory(byte[]? content)
    {
        var connection = Open(":memory:", SqliteOpenMode.Memory);
        if (content is null)
            return connection;
        // File format versions: 2 means a write-ahead log, which is impossible in memory.
        content[18] = content[19] = 1;
        var memory = raw.sqlite3_malloc64(content.Length);
        Marshal.Copy(content, 0, memory, content.Length);
        // SQLite frees the memory in any case.
        var result = raw.sqlite3_deserialize(
            connection.Handle, "main", memory, content.Length, content.Length,
            raw.SQLITE_DESERIALIZE_FREEONCLOSE | raw.SQLITE_DESERIALIZE_RESIZEABLE);
        if (result == raw.SQLITE_OK)
            return connection;
        connection.Dispose();
        throw new SqliteException("a copy in memory cannot be created", result);
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            // In seconds; a process that has the database open now keeps it as long as it runs.
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            _ = Ready.Value;
            connection.Open();
            return connection;
        }
        catch (DllNotFoundException e)
        {
            connection.Dispose();
            throw new StoreException($"{Library} is missing", "install the package libsqlite3-0", e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == "sqlite3" ? NativeLibrary.Load(Library) : 0;
}
