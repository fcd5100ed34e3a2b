using Mandos.Server.Clients;
using Org.BouncyCastle.Crypto.Digests;

namespace Mandos.Server.Store.Import;

/// <summary>
/// The file in which the original keeps its state from one run to the next. What was taken over is put aside, so that the
/// original does not find a state that is older than ours.
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

    /// <summary>When it was written, UTC.</summary>
    internal DateTime Saved { get; }

    /// <summary>Null if there is none.</summary>
    /// <exception cref="StoreException">It cannot be read.</exception>
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

    /// <summary>Reads it; null if it is empty, as the original takes it for none.</summary>
    /// <exception cref="StoreException">It is not what the original writes, or cannot be read.</exception>
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

    /// <summary>Puts it aside; lasts when this returns.</summary>
    internal void PutAside() => _directory.Rename(FileName, ImportedName);

    /// <summary>It is of no use any more.</summary>
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

    /// <summary>Whether it is what we wrote ourselves at the last stop, so that no original ran since.</summary>
    /// <remarks>However long it is: with many clients ours is longer than what is believed of the original.</remarks>
    /// <exception cref="StoreException">It cannot be read.</exception>
    internal bool IsOurs(SqliteClientStore store) => store.Note(ExportNote) switch
    {
        null => false,
        // Of a server that marked it by a digest.
        { Length: DigestLength } digest => DigestOf(Path).AsSpan().SequenceEqual(digest),
        var mark => MarkOf(Path).AsSpan().SequenceEqual(mark),
    };

    /// <summary>
    /// Exports our state for upstream Mandos, at a clean stop, so that it finds the clients as they are. The
    /// original takes it away when it starts, as we do.
    /// </summary>
    /// <exception cref="StoreException">It could not be written.</exception>
    internal static void Write(SqliteClientStore store, Moment now)
    {
        var directory = store.Directory!;
        var state = store.Known(now) ?? store.Load();
        try
        {
            ContentMark mark;
            // Piece by piece: all of it may be more than there is memory.
            using (var file = directory.CreateNew(NewName))
            using (var marked = new MarkedStream(file))
            using (var buffered = new BufferedStream(marked, BufferLength))
            {
                mark = marked.Mark;
                new OriginalExport(now.Wall, store.Digest).Write(state, buffered);
                buffered.Flush();
                file.Flush(flushToDisk: true);
            }

            // Before it has its name, so that no crash makes it look like the original's.
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
