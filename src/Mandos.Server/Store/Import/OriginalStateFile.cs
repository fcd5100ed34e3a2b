using Mandos.Server.Clients;
using Org.BouncyCastle.Crypto.Digests;

namespace Mandos.Server.Store.Import;

/// <summary>
/// The file in which upstream keeps its state between runs. An imported file is moved aside, so that upstream does not find a state that is
/// older than ours.
/// </summary>
internal sealed class OriginalStateFile
{
    internal const string FileName = StateDirectory.OriginalName;
    internal const string ImportedName = "clients.pickle.imported";
    private const string NewName = "clients.pickle.new";
    private const string ExportNote = "exported";
    private const int BufferLength = 64 * 1024, DigestLength = 32;

    private readonly StateDirectory _directory;

    private OriginalStateFile(StateDirectory directory, DateTime saved)
    {
        _directory = directory;
        Saved = saved;
    }

    internal string Path => _directory.File(FileName);

    /// <summary>When the file was written, in UTC.</summary>
    internal DateTime Saved { get; }

    /// <summary>Finds the file; null if there is none.</summary>
    /// <exception cref="StoreException">The file cannot be read.</exception>
    internal static OriginalStateFile? Find(StateDirectory directory)
    {
        var path = directory.File(FileName);
        try
        {
            if (!directory.Holds(FileName))
                return null;
            return new OriginalStateFile(directory, new FileInfo(path).LastWriteTimeUtc);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(e, path);
        }
    }

    /// <summary>Reads the file; null if it is empty, which upstream treats like a missing file.</summary>
    /// <exception cref="StoreException">The file cannot be read, or upstream did not write it.</exception>
    internal OriginalState? Parse()
    {
        try
        {
            if (new FileInfo(Path).Length > new PickleLimits().Length)
                throw Refused(Path, "it is too long");
            var bytes = File.ReadAllBytes(Path);
            return bytes.Length == 0 ? null : OriginalState.Parse(bytes);
        }
        catch (PickleException e)
        {
            throw Refused(Path, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(e, Path);
        }
    }

    /// <summary>Moves the file aside; durable when this returns.</summary>
    internal void PutAside() => _directory.Rename(FileName, ImportedName);

    /// <summary>Deletes the file, which is no longer needed.</summary>
    internal void Delete()
    {
        try
        {
            File.Delete(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(e, Path);
        }
    }

    /// <summary>Whether the file is what we wrote at the last stop, so that upstream has not run since.</summary>
    /// <remarks>Of any length: with many clients our file exceeds the limit for upstream's.</remarks>
    /// <exception cref="StoreException">The file cannot be read.</exception>
    internal bool IsOurs(SqliteClientStore store) => store.Note(ExportNote) switch
    {
        null => false,
        // Written by a server that marked it with a digest.
        { Length: DigestLength } digest => DigestOf(Path).AsSpan().SequenceEqual(digest),
        var mark => MarkOf(Path).AsSpan().SequenceEqual(mark),
    };

    /// <summary>
    /// Exports our state for upstream Mandos, at a clean stop, so that it finds the current clients. Upstream removes the file when it
    /// starts, as we do.
    /// </summary>
    /// <exception cref="StoreException">The file could not be written.</exception>
    internal static void Write(SqliteClientStore store, Moment now)
    {
        var directory = store.Directory!;
        var state = store.Known(now) ?? store.Load();
        try
        {
            ContentMark mark;
            // In pieces, because the whole state may exceed the memory.
            using (var file = directory.CreateNew(NewName))
            using (var marked = new MarkedStream(file))
            using (var buffered = new BufferedStream(marked, BufferLength))
            {
                mark = marked.Mark;
                new OriginalExport(now.Wall, store.Digest).Write(state, buffered);
                buffered.Flush();
                file.Flush(flushToDisk: true);
            }

            // Before the rename, so that no crash makes the file look like upstream's.
            store.Note(ExportNote, mark.Value);
            directory.Rename(NewName, FileName);
            store.NoteLeftForOriginal();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(e, directory.File(FileName));
        }
        finally
        {
            foreach (var client in state.Clients)
                client.State.Secret.Dispose();
        }
    }

    private static byte[] MarkOf(string path)
    {
        var mark = new ContentMark();
        Read(path, mark.Add);
        return mark.Value;
    }

    private static byte[] DigestOf(string path)
    {
        var digest = new Sha256Digest();
        Read(path, digest.BlockUpdate);
        var result = new byte[DigestLength];
        _ = digest.DoFinal(result);
        return result;
    }

    private static void Read(string path, Action<ReadOnlySpan<byte>> take)
    {
        try
        {
            var piece = new byte[BufferLength];
            using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
            for (var at = 0L; RandomAccess.Read(file, piece, at) is > 0 and var count; at += count)
                take(piece.AsSpan(0, count));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(e, path);
        }
    }

    internal static StoreException Refused(string path, string reason) => new(
        $"{path} cannot be imported: {reason}",
        $"move it away to start with what the configuration says (clients that were disabled are enabled again), or start upstream "
            + "Mandos once more and stop it cleanly, so that it writes a new one");
}
