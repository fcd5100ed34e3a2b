using System.Globalization;
using System.Text;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;

namespace Mandos.Server.Store;

/// <summary>
/// The times of clients that successful checks change, kept apart from the rows. A batch takes a few dozen bytes per client, whereas a row
/// with its secret writes whole pages of the database and its log. A batch overrides older rows; a row that is written later says so in its
/// own batch. Everything is stored as notes of the database, sealed like rows.
/// </summary>
/// <remarks>
/// The head binds the batches to the table that they were written for: if a server without this journal ran in between, it replaced the
/// table and made them void.
/// <code>
///   times:           seal(32) | when the table was replaced, ticks(8)
///   times.00000001:  seal(32) | saved(8) | by the clock of the boot(8) | boot's id | clients: name, and its times or nothing
/// </code>
/// </remarks>
internal sealed class TimesJournal(StoreDatabase database, RowSeal seal)
{
    private const string HeadNote = "times";
    private const string Batches = "times.";

    /// <summary>The end of the name range of batches.</summary>
    private const string BatchesEnd = "times/";
    private const int SealLength = 32;

    /// <summary>The number of outdated entries that does not yet justify rewriting the journal.</summary>
    private const int MostOvertaken = 4096;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private bool _isVoid;
    private int _entries;
    private int _batch;

    /// <summary>Whether the times of a client are valid here rather than in its row.</summary>
    internal bool Holds(string client) => _names.Contains(client);

    /// <summary>Whether most entries are outdated, so that <see cref="Rewrite"/> should be called.</summary>
    internal bool IsLong => _entries > (3 * _names.Count) + MostOvertaken;

    /// <summary>Reads the valid times, by client name.</summary>
    /// <param name="replaced">The note that says when the table was replaced.</param>
    /// <exception cref="StoreException">The notes are not what was written.</exception>
    internal Dictionary<string, SavedTimes> Read(byte[]? replaced)
    {
        var times = new Dictionary<string, SavedTimes>(StringComparer.Ordinal);
        _names.Clear();
        _entries = 0;
        _isVoid = database.Note(HeadNote) is not { } head || !Opened(HeadNote, head).AsSpan().SequenceEqual(replaced);
        if (_isVoid)
            return times;
        foreach (var (name, note) in database.Notes(Batches, BatchesEnd))
        {
            using var reader = new BinaryReader(new MemoryStream(Opened(name, note)));
            _entries += Read(reader, times);
            _batch = NumberOf(name);
        }

        _names.UnionWith(times.Keys);
        return times;
    }

    /// <summary>Deletes everything, because the table is replaced; inside a change that <see cref="Cleared"/> confirms.</summary>
    internal void Clear(byte[] replaced)
    {
        database.DeleteNotes(Batches, BatchesEnd);
        Bind(replaced);
    }

    internal void Cleared()
    {
        _isVoid = false;
        _names.Clear();
        (_entries, _batch) = (0, 0);
    }

    /// <summary>Binds the journal to a new time of the same table; inside a change that <see cref="Bound"/> confirms.</summary>
    internal void Bind(byte[] replaced)
    {
        if (_isVoid)
            database.DeleteNotes(Batches, BatchesEnd);
        Put(HeadNote, replaced);
    }

    internal void Bound() => _isVoid = false;

    /// <summary>Adds the times of clients; inside a change that <see cref="Added"/> confirms.</summary>
    internal void Add(IReadOnlyCollection<ClientState> clients, Moment now, BootClock boot) =>
        Append(clients.Select(c => (c.Name, (ClientState?)c)), now, boot);

    /// <summary>Makes the rows of these clients valid again; inside a change that <see cref="Overtaken"/> confirms.</summary>
    internal void Overtake(IReadOnlyCollection<string> clients, Moment now, BootClock boot) =>
        Append(clients.Select(c => (c, (ClientState?)null)), now, boot);

    /// <summary>Writes the whole journal again; inside a change that <see cref="Rewritten"/> confirms.</summary>
    internal void Rewrite(IReadOnlyCollection<ClientState> clients, Moment now, BootClock boot)
    {
        database.DeleteNotes(Batches, BatchesEnd);
        Add(clients, now, boot);
    }

    internal void Added(IReadOnlyCollection<ClientState> clients)
    {
        _names.UnionWith(clients.Select(c => c.Name));
        _entries += clients.Count;
    }

    internal void Overtaken(IReadOnlyCollection<string> clients)
    {
        _names.ExceptWith(clients);
        _entries += clients.Count;
    }

    internal void Rewritten(IReadOnlyCollection<ClientState> clients)
    {
        _entries = 0;
        Added(clients);
    }

    /// <summary>Reads a batch and returns its number of entries.</summary>
    private static int Read(BinaryReader reader, Dictionary<string, SavedTimes> times)
    {
        var entries = 0;
        var (saved, savedBoot, bootId) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadString());
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            entries++;
            var name = reader.ReadString();
            if (reader.ReadBoolean())
                times[name] = new(reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64(), saved, savedBoot, bootId);
            else
                times.Remove(name);
        }

        return entries;
    }

    private void Append(IEnumerable<(string Name, ClientState? Times)> entries, Moment now, BootClock boot)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(now.Wall.Ticks);
        writer.Write(boot.Elapsed().Ticks);
        writer.Write(boot.BootId);
        foreach (var (name, client) in entries)
        {
            writer.Write(name);
            writer.Write(client?.Expires is not null);
            if (client?.Expires is not { } expires)
                continue;
            writer.Write(client.LastCheckedOk?.Ticks ?? -1);
            writer.Write(client.LastCheckerStatus);
            writer.Write(expires.Wall.Ticks);
            writer.Write((expires.Monotonic - now.Monotonic).Ticks);
        }

        writer.Flush();
        if (_batch == 0)
            _batch = LastBatch();
        // No number is used twice in a run, not even for a batch that could not be saved.
        Put(string.Create(CultureInfo.InvariantCulture, $"{Batches}{++_batch:d10}"), bytes.ToArray());
    }

    /// <summary>The last batch of an earlier run, whose batches were not read.</summary>
    private int LastBatch() => database.Notes(Batches, BatchesEnd).Select(note => NumberOf(note.Name)).LastOrDefault();

    private static int NumberOf(string batch) => int.Parse(batch.AsSpan(Batches.Length), CultureInfo.InvariantCulture);

    private void Put(string name, byte[] content) => database.Note(name, [.. seal.Of(name, [content]), .. content]);

    private byte[] Opened(string name, byte[] note)
    {
        var content = note.AsSpan(Math.Min(SealLength, note.Length)).ToArray();
        return note.Length >= SealLength && seal.Of(name, [content]).AsSpan().SequenceEqual(note.AsSpan(0, SealLength))
            ? content
            : throw StoreFailure.Damaged(database.Path, "the times of the checks are damaged");
    }
}
