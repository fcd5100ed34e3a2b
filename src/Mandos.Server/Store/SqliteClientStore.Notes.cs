using Mandos.Server.Clients;

namespace Mandos.Server.Store;

// What the store notes of the last start, reload and stop, beside the clients.
internal sealed partial class SqliteClientStore
{
    private const string LeftNote = "left";
    private const string MainNote = "main";
    private const string FolderNote = "folder";

    /// <summary>Whether the last stop exported our state for upstream, and no start followed.</summary>
    internal bool IsLeftForOriginal => _database.Note(LeftNote) is { Length: > 0 };

    /// <summary>Records that our state was exported for upstream.</summary>
    /// <exception cref="StoreException">The record cannot be saved.</exception>
    internal void NoteLeftForOriginal() => Note(LeftNote, [1]);

    /// <summary>Whether clients.conf existed at the last start or reload; true if unknown.</summary>
    internal bool HadMainFile => _database.Note(MainNote) is not [0];

    /// <summary>Whether clients.d existed at the last start or reload; false if unknown.</summary>
    internal bool HadFolder => _database.Note(FolderNote) is [1];

    /// <summary>The client files that exist, saved together with the clients by <see cref="Replace"/>; null if unknown.</summary>
    internal ClientFilesNote? Files { get; set; }

    private void NoteFiles()
    {
        if (Files is not { } files)
            return;
        _database.Note(MainNote, [files.HasMain ? (byte)1 : (byte)0]);
        _database.Note(FolderNote, [files.HasFolder ? (byte)1 : (byte)0]);
    }
}

/// <summary>Which client files exist.</summary>
/// <param name="HasMain">Whether clients.conf exists.</param>
/// <param name="HasFolder">Whether clients.d exists.</param>
internal sealed record ClientFilesNote(bool HasMain, bool HasFolder);
