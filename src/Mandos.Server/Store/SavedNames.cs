using Mandos.Server.Clients;
using Microsoft.Data.Sqlite;

namespace Mandos.Server.Store;

/// <summary>
/// Reads the names of the clients that a server has saved, even while it runs; precise enough to find out which clients are new.
/// </summary>
internal static class SavedNames
{
    /// <summary>Returns the saved names, perhaps without the latest; none if there are none or they cannot be read.</summary>
    internal static HashSet<string> Read(string stateDirectory) => Read(stateDirectory, "SELECT name FROM client");

    /// <summary>
    /// Returns the saved names without clients that were added on the bus; none if clients.conf did not exist at the last start or
    /// reload (<see cref="SqliteClientStore.HadMainFile"/>).
    /// </summary>
    internal static HashSet<string> ReadConfigured(string stateDirectory) =>
        Read(stateDirectory, $"{Configured} AND NOT EXISTS (SELECT 1 FROM note WHERE name = 'main' AND value = x'00')");

    /// <summary>The same, for clients.d (<see cref="SqliteClientStore.HadFolder"/>).</summary>
    internal static HashSet<string> ReadConfiguredWithFolder(string stateDirectory) =>
        Read(stateDirectory, $"{Configured} AND EXISTS (SELECT 1 FROM note WHERE name = 'folder' AND value = x'01')");

    private const string Configured = "SELECT name FROM client WHERE name IN (SELECT name FROM configured)";

    private static HashSet<string> Read(string stateDirectory, string query)
    {
        var path = Path.Combine(stateDirectory, SqliteClientStore.FileName);
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (!File.Exists(path))
            return names;
        try
        {
            using var connection = SystemSqlite.OpenToLook(path);
            using var command = connection.CreateCommand();
            command.CommandText = query;
            using var reader = command.ExecuteReader();
            while (reader.Read())
                names.Add(reader.GetString(0));
        }
        catch (Exception e) when (e is SqliteException or StoreException)
        {
            // The store belongs to another user, is damaged, or is being written: every client then counts as new.
            names.Clear();
        }

        return names;
    }
}
