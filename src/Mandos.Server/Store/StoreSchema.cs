using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Mandos.Server.Store;

/// <summary>
/// The tables, as steps from each version to the next; the version of a file is its <c>user_version</c>. A step that was
/// published is never changed: a new one is added.
/// </summary>
/// <param name="Steps">What makes version 1 of nothing, version 2 of version 1…</param>
internal sealed record StoreSchema(IReadOnlyList<string> Steps)
{
    /// <summary>"Mand": tells our files from other databases.</summary>
    internal const int ApplicationId = 0x4D616E64;

    // Instants are ticks of 100 ns since year 1, UTC; lengths of time are ticks; truth values are 0 and 1.
    private const string Settings =
        """
        host TEXT NOT NULL, checker TEXT NOT NULL, timeout INTEGER NOT NULL, extended_timeout INTEGER NOT NULL,
        interval INTEGER NOT NULL, approval_delay INTEGER NOT NULL, approval_duration INTEGER NOT NULL,
        approved_by_default INTEGER NOT NULL, enabled INTEGER NOT NULL
        """;

    private const string First =
        $"""
        CREATE TABLE note (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE client (
            position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key_id TEXT, fingerprint TEXT NOT NULL,
            {Settings},
            created INTEGER NOT NULL, last_enabled INTEGER, last_checked_ok INTEGER, last_approval_request INTEGER,
            last_checker_status INTEGER NOT NULL, secrets_given INTEGER NOT NULL, expires INTEGER, remaining INTEGER,
            saved INTEGER NOT NULL, saved_boot INTEGER NOT NULL, boot_id TEXT NOT NULL,
            secret BLOB NOT NULL, seal BLOB NOT NULL) STRICT;
        CREATE TABLE configured (
            position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key_id TEXT, fingerprint TEXT NOT NULL,
            {Settings},
            secret_digest TEXT NOT NULL, seal BLOB NOT NULL) STRICT;
        """;

    /// <summary>What this server writes.</summary>
    internal static StoreSchema Current { get; } = new([First]);

    /// <summary>The version that the steps lead to.</summary>
    internal int Version => Steps.Count;

    /// <summary>Brings a database to this version, all or nothing.</summary>
    /// <exception cref="StoreException">It is of a later version, or none of ours.</exception>
    internal void Bring(SqliteConnection database, string path, bool isNew)
    {
        var version = Number(database, "PRAGMA user_version");
        if (!isNew && Number(database, "PRAGMA application_id") != ApplicationId)
            throw StoreFailure.Damaged(path, "it is a database, but not one of this server");
        if (!isNew && version == 0)
            throw StoreFailure.Damaged(path, "it has no version");
        if (version > Version)
        {
            throw new StoreException(
                string.Create(CultureInfo.InvariantCulture, $"{path} was written by a newer server: its version is {version}, this server knows versions up to {Version}"),
                "use the newer server again, or restore the state directory from before it was installed");
        }

        if (version == Version)
            return;
        // A transaction covers changes of tables and the version too.
        var steps = string.Join('\n', Steps.Skip((int)version));
        Run(database, string.Create(CultureInfo.InvariantCulture, $"BEGIN IMMEDIATE;\n{steps}\nPRAGMA user_version = {Version}; PRAGMA application_id = {ApplicationId}; COMMIT"));
    }

    private static long Number(SqliteConnection database, string question)
    {
        using var command = database.CreateCommand();
        command.CommandText = question;
        return (long)command.ExecuteScalar()!;
    }

    private static void Run(SqliteConnection database, string statements)
    {
        using var command = database.CreateCommand();
        command.CommandText = statements;
        _ = command.ExecuteNonQuery();
    }
}
