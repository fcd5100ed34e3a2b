using System.Globalization;
using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>
/// The tables, as steps from each version to the next; the version of a file is its <c>user_version</c>. A released step is never changed;
/// a new one is added instead.
/// </summary>
/// <remarks>
/// Each statement is a command of its own. In a command with several statements, the driver takes the first one with columns for a query
/// (in SQLite 3.46 this includes <c>ALTER TABLE … ADD COLUMN</c> on a STRICT table) and ignores errors in the statements after it.
/// </remarks>
/// <param name="Steps">The statements that create version 1, that upgrade version 1 to version 2, and so on.</param>
internal sealed record StoreSchema(IReadOnlyList<IReadOnlyList<string>> Steps)
{
    /// <summary>"Mand": identifies our database files.</summary>
    internal const int ApplicationId = 0x4D616E64;

    // Instants are ticks of 100 ns since year 1 in UTC; durations are ticks; booleans are 0 and 1.
    private const string Settings =
        """
        host TEXT NOT NULL, checker TEXT NOT NULL, timeout INTEGER NOT NULL, extended_timeout INTEGER NOT NULL,
        interval INTEGER NOT NULL, approval_delay INTEGER NOT NULL, approval_duration INTEGER NOT NULL,
        approved_by_default INTEGER NOT NULL, enabled INTEGER NOT NULL
        """;

    private static readonly string[] First =
    [
        "CREATE TABLE note (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID",
        $"""
        CREATE TABLE client (
            position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key_id TEXT, fingerprint TEXT NOT NULL,
            {Settings},
            created INTEGER NOT NULL, last_enabled INTEGER, last_checked_ok INTEGER, last_approval_request INTEGER,
            last_checker_status INTEGER NOT NULL, secrets_given INTEGER NOT NULL, expires INTEGER, remaining INTEGER,
            saved INTEGER NOT NULL, saved_boot INTEGER NOT NULL, boot_id TEXT NOT NULL,
            secret BLOB NOT NULL, seal BLOB NOT NULL) STRICT
        """,
        $"""
        CREATE TABLE configured (
            position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key_id TEXT, fingerprint TEXT NOT NULL,
            {Settings},
            secret_digest TEXT NOT NULL, seal BLOB NOT NULL) STRICT
        """,
    ];

    /// <summary>A new column is added at the end and is null in the rows that exist, so that their seals stay valid.</summary>
    private static readonly string[] Disabled = ["ALTER TABLE client ADD COLUMN last_disabled INTEGER"];

    private static readonly string[] Maintenance = ["ALTER TABLE client ADD COLUMN maintenance_left INTEGER"];

    private static readonly string[] Held = ["ALTER TABLE client ADD COLUMN expiry_held INTEGER"];

    /// <summary>The schema that this server writes.</summary>
    internal static StoreSchema Current { get; } = new([First, Disabled, Maintenance, Held]);

    /// <summary>The version that the steps lead to.</summary>
    internal int Version => Steps.Count;

    /// <summary>Upgrades a database to this version, all or nothing.</summary>
    /// <exception cref="StoreException">The database has a later version, is not ours, or cannot be upgraded; then it is
    /// unchanged.</exception>
    internal void Bring(StoreDatabase database, bool isNew)
    {
        var version = VersionOf(database);
        if (!isNew && database.Ask("PRAGMA application_id") is not (long)ApplicationId)
            throw StoreFailure.Damaged(database.Path, "it is a database, but not one of this server");
        if (!isNew && version == 0)
            throw StoreFailure.Damaged(database.Path, "it has no version");
        if (version > Version)
        {
            throw new StoreException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{database.Path} was written by a newer server: its version is {version}, this server supports up to {Version}"),
                "use the newer server again, or restore the state directory from before it was installed");
        }

        if (version == Version)
            return;
        // A transaction also covers schema changes and the version.
        database.Change(() =>
        {
            foreach (var statement in Steps.Skip((int)version).SelectMany(step => step))
                _ = database.Ask(statement);
            _ = database.Ask(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"));
            _ = database.Ask(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"));
        });
        if (VersionOf(database) != Version)
            throw new StoreException(
                $"{database.Path}: its tables cannot be upgraded to version {Version}",
                "restore the state directory from a backup, and report this");
    }

    private static long VersionOf(StoreDatabase database) => (long)database.Ask("PRAGMA user_version")!;
}
