using System.Globalization;
using Mandos.Configuration;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Mandos.Server.Clients;
using Microsoft.Data.Sqlite;

namespace Mandos.Server.Store;

/// <summary>Builds error messages for store failures that name the file and the remedy.</summary>
internal static class StoreFailure
{
    // https://www.sqlite.org/rescode.html
    private const int Busy = 5, Locked = 6, ReadOnly = 8, IOError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    private const int ErrorNoEntry = 2, ErrorAccess = 13, ErrorNoSpace = 28, ErrorReadOnly = 30, ErrorQuota = 122;

    private const string ReadOnlyHint =
        "the file and its directory must belong to the server's user, on a file system that is mounted read-write";

    /// <summary>The error for a failure of SQLite.</summary>
    internal static StoreException Of(SqliteException failure, string path) => failure.SqliteErrorCode switch
    {
        Corrupt or NotADatabase => Damaged(path, Text(failure), failure),
        Busy or Locked => InUse(path, failure),
        Full => new($"{path}: the disk is full", "free some space on its file system; nothing was changed", failure) { IsAboutDisk = true },
        ReadOnly => new($"{path}: it cannot be written", ReadOnlyHint, failure) { IsAboutDisk = true },
        CannotOpen =>
            new(
                $"{path}: it cannot be opened", "the file and its directory must belong to the server's user",
                failure)
            { IsAboutDisk = true },
        IOError => new($"{path}: {Text(failure)}", "see the kernel log for disk errors", failure) { IsAboutDisk = true },
        _ => new($"{path}: {Text(failure)}", inner: failure),
    };

    /// <summary>The error for a file whose content is not what was written.</summary>
    internal static StoreException Damaged(string path, string reason, Exception? inner = null) => new(
        $"{path} is damaged: {reason}",
        $"move {path}-wal away and restore {path} from a backup, or move both and "
            + $"{Path.Combine(Path.GetDirectoryName(path)!, LastChange.FileName)} away: {WithoutStore(Path.GetDirectoryName(path)!)}",
        inner);

    /// <summary>The error for a missing file whose log of changes still exists.</summary>
    internal static StoreException Lost(string path, string log) => new(
        $"{path} is missing, but {log} exists, with changes to it",
        $"restore it if it was moved away; otherwise move {log} away and restore {path} from a backup, or move "
            + $"{Path.Combine(Path.GetDirectoryName(path)!, LastChange.FileName)} away, too: {WithoutStore(Path.GetDirectoryName(path)!)}");

    /// <summary>The error for a missing file if the number of its last change exists, but no state for upstream Mandos.</summary>
    internal static StoreException Gone(StateDirectory directory)
    {
        var number = directory.File(LastChange.FileName);
        return new(
            $"{directory.File(SqliteClientStore.FileName)} is missing: {number} says that there was one",
            $"restore all files of {directory.Path} from the same backup, or move {number} away: {WithoutStore(directory.Path)}");
    }

    /// <summary>How the server starts after the store has been moved out of a directory.</summary>
    internal static string WithoutStore(string directory)
    {
        // It exists only after a clean stop, and then equals the store.
        var original = Path.Combine(directory, StateDirectory.OriginalName);
        return File.Exists(original)
            ? $"the server then starts with what {original} says"
            : "the server then starts with what the configuration says, and what was changed at run time is lost (clients that were "
                + "disabled are enabled again)";
    }

    /// <summary>The error for a file that another process uses.</summary>
    internal static StoreException InUse(string path, Exception? inner = null) => new(
        $"another program uses {path}", "stop it first; it may be another server with the same state directory, or sqlite3", inner);

    /// <summary>The error for a failure of the file system.</summary>
    internal static StoreException Of(Exception failure, string path) => failure switch
    {
        IOException { HResult: ErrorNoSpace or ErrorQuota } =>
            new($"{path}: the disk is full", "free some space on its file system; nothing was changed", failure) { IsAboutDisk = true },
        IOException { HResult: ErrorReadOnly } => new($"{path}: it cannot be written", ReadOnlyHint, failure) { IsAboutDisk = true },
        UnauthorizedAccessException => new($"{path}: permission denied", OwnerHint(path), failure) { IsAboutDisk = true },
        DirectoryNotFoundException =>
            new($"{path}: no such directory", "create the state directory, owned by the server's user", failure) { IsAboutDisk = true },
        _ => new($"{path}: it cannot be read or written: {FileFailure.Reason(failure)}", inner: failure) { IsAboutDisk = true },
    };

    /// <summary>The error for a state directory that cannot be opened.</summary>
    internal static StoreException OfDirectory(string path, Errno error) => new(
        $"{path}: {error}", error.Code == ErrorAccess ? OwnerHint(path) : "the state directory must exist and belong to the server's user")
    {
        IsAboutDisk = true,
        IsAboutAbsence = error.Code == ErrorNoEntry,
    };

    /// <summary>The error for a store that ends before the last saved change.</summary>
    internal static StoreException Older(StateDirectory directory, long found, long last)
    {
        var path = directory.File(SqliteClientStore.FileName);
        var number = directory.File(LastChange.FileName);
        return new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{path} is older than the last saved state: it ends with change {found}, and {number} says that change {last} was saved"),
            $"restore all files of {directory.Path} from the same backup; or, to continue with the older state, move {number} away: "
                + "clients that were disabled since then are enabled again");
    }

    /// <summary>Names the owner of a file that the server may not use, and the user of the server.</summary>
    private static string OwnerHint(string path)
    {
        var server = Name(Credentials.EffectiveUser);
        return FileKind.OwnerOf(path) is { } owner && owner != Credentials.EffectiveUser
            ? $"it belongs to user {Name(owner)}, and the server runs as user {server}: 'chown -R {server}: "
                + $"{Path.GetDirectoryName(path) switch { { } parent when !Directory.Exists(path) => parent, _ => path }}'"
            : $"the state directory and everything in it must belong to the server's user, {server}";
    }

    private static string Name(uint user) => UserAccount.Find(user)?.Name ?? user.ToString(CultureInfo.InvariantCulture);

    private static string Text(SqliteException failure) => SQLitePCL.raw.sqlite3_errstr(failure.SqliteExtendedErrorCode).utf8_to_string();
}
