using System.Globalization;
using System.Text;
using Mandos.Core.Audit;
using Mandos.Core.Linux.Files;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Server.Audit;

/// <summary>
/// The file that records are appended to, and the older ones. A record counts as written when it is on disk; then its number and hash go
/// into a file of their own, so that a missing end can be told from a write that a power failure interrupted.
/// </summary>
/// <param name="directory">The state directory.</param>
/// <param name="most">The size in bytes from which a new file begins.</param>
/// <param name="server">The host name in the records.</param>
/// <param name="time">The clock.</param>
/// <param name="copy">Called with each record once it is on disk, as a line of JSON; null if no copy is wanted.</param>
internal sealed class AuditFile(string directory, long most, string server, TimeProvider time, Action<string>? copy = null) : IDisposable
{
    /// <summary>The length of a typical record, with a margin.</summary>
    private const long TypicalBytes = 500;

    private const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private SafeFileHandle? _file;
    private SafeFileHandle? _head;
    private string _hash = AuditRecord.NoHash;
    private long _number;
    private long _length;

    /// <summary>Opens the files and continues the trail; returns what is wrong with its end, or null.</summary>
    /// <exception cref="IOException">It cannot be opened or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be opened.</exception>
    internal string? Open()
    {
        var head = AuditFiles.ReadHead(directory);
        _head = OpenFile(AuditFiles.Head);
        _file = OpenFile(AuditFiles.Current);
        (_number, _hash) = head ?? (0, AuditRecord.NoHash);
        var length = RandomAccess.GetLength(_file);
        var (last, end) = FindLast(_file, length);
        if (last is not null && (head is null || last.Number > _number || (last.Number == _number && last.Hash == _hash)))
        {
            (_number, _hash, _length) = (last.Number, last.Hash!, end);
            if (end < length)
                Append(
                    [Record(
                        "TrailRepaired", $"an incomplete line of {length - end} bytes was removed, as after a power failure",
                        ("bytes", (length - end).ToString(CultureInfo.InvariantCulture)))]);
            return null;
        }

        // A power failure interrupted the change to this file, before its first record was saved.
        var isBegun = end == 0 && (head is null ? length == 0 : IsEndOf(AuditFiles.Older(1), head.Value));
        if (length == 0 || isBegun)
            BeginFile();
        else
            // The file is kept as it is, for an examination.
            Rotate();
        return isBegun
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"its last record is {last?.Number ?? 0}, and {AuditFiles.Head} says {head?.Number ?? 0}");
    }

    /// <summary>Appends records; they are on disk when this returns. After an error, the same records can be appended again.</summary>
    /// <returns>The records with their numbers, as they are in the file.</returns>
    /// <exception cref="IOException">They cannot be written.</exception>
    internal IReadOnlyList<AuditRecord> Append(IReadOnlyList<AuditRecord> records)
    {
        if (_length > most)
            Rotate();
        var (number, hash) = (_number, _hash);
        using var content = new MemoryStream();
        var written = new List<AuditRecord>(records.Count);
        foreach (var record in records)
        {
            written.Add(record.Limited() with { Number = ++number });
            content.Write(written[^1].Format(hash, out hash));
        }

        Write(content.GetBuffer().AsSpan(0, (int)content.Length));
        (_number, _hash) = (number, hash);
        RandomAccess.Write(_head!, AuditFiles.FormatHead(_number, _hash), 0);
        Copy(content.GetBuffer().AsSpan(0, (int)content.Length));
        return written;
    }

    /// <summary>Reads the latest records, of this file and of the one before it, in their order. Does not verify them.</summary>
    /// <param name="most">How many, at most.</param>
    /// <exception cref="IOException">They cannot be read.</exception>
    internal IReadOnlyList<AuditRecord> ReadLatest(int most)
    {
        var records = new List<AuditRecord>();
        foreach (var name in new[] { AuditFiles.Older(1), AuditFiles.Current }.Where(name => FileKind.IsFile(PathOf(name))))
        {
            using var file = File.OpenHandle(PathOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // Most records are much shorter than the limit; a few that are not are no reason to read everything.
            var tail = new byte[(int)Math.Min(RandomAccess.GetLength(file), most * TypicalBytes)];
            var count = RandomAccess.Read(file, tail, RandomAccess.GetLength(file) - tail.Length);
            foreach (var line in tail.AsSpan(0, count).Split((byte)'\n'))
            {
                if (AuditRecord.Parse(tail.AsMemory(line), "", out _) is { } record)
                    records.Add(record);
            }
        }

        return records.Count <= most ? records : records[^most..];
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _file?.Dispose();
        _head?.Dispose();
        _file = _head = null;
    }

    /// <summary>Creates a record whose number follows.</summary>
    internal AuditRecord Record(string name, string text, params IReadOnlyList<(string Name, string Value)> fields) => new()
    {
        Number = 0,
        Time = time.GetUtcNow(),
        Server = server,
        Event = name,
        Text = text,
        Fields = [.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))],
    };

    private bool IsEndOf(string name, (long Number, string Hash) head)
    {
        if (!FileKind.IsFile(PathOf(name)))
            return false;
        using var file = File.OpenHandle(PathOf(name));
        return FindLast(file, RandomAccess.GetLength(file)).Record is { } last && (last.Number, last.Hash) == head;
    }

    private void Rotate()
    {
        _file?.Dispose();
        _file = null;
        for (var age = AuditFiles.MostOlder; age > 0; age--)
        {
            var newer = age == 1 ? AuditFiles.Current : AuditFiles.Older(age - 1);
            if (File.Exists(PathOf(newer)))
                File.Move(PathOf(newer), PathOf(AuditFiles.Older(age)), overwrite: true);
        }

        _file = OpenFile(AuditFiles.Current);
        BeginFile();
    }

    private void BeginFile()
    {
        _length = 0;
        var first = Record(AuditRecord.Begin, "the audit trail begins in this file", (AuditRecord.Previous, _hash)) with
        {
            Number = _number + 1,
        };
        var line = first.Format(_hash, out var hash);
        Write(line);
        (_number, _hash) = (first.Number, hash);
        RandomAccess.Write(_head!, AuditFiles.FormatHead(_number, _hash), 0);
        if (DurableFiles.OpenDirectory(directory, out var handle).Ok)
            _ = DurableFiles.Sync(handle);
        handle.Dispose();
        Copy(line);
    }

    private void Copy(ReadOnlySpan<byte> lines)
    {
        if (copy is null)
            return;
        foreach (var line in Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            copy(line);
    }

    private void Write(ReadOnlySpan<byte> content)
    {
        RandomAccess.SetLength(_file!, _length);
        RandomAccess.Write(_file!, content, _length);
        var error = DurableFiles.SyncData(_file!);
        if (!error.Ok)
            throw new IOException($"{PathOf(AuditFiles.Current)}: {error}");
        _length += content.Length;
    }

    private SafeFileHandle OpenFile(string name)
    {
        var path = PathOf(name);
        if (Path.Exists(path) && !FileKind.IsFile(path))
            throw new IOException($"{path} is not a file");
        using var created = File.Exists(path)
            ? null
            : new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = OwnerAlone,
            });
        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>The last complete line as a record, null if it is none; and the position after it.</summary>
    private static (AuditRecord? Record, long End) FindLast(SafeFileHandle file, long length)
    {
        // The last complete line, its line end, and an incomplete line.
        var tail = new byte[(int)Math.Min(length, 2 * (AuditRecord.MostBytes + 1))];
        var count = RandomAccess.Read(file, tail, length - tail.Length);
        var end = tail.AsSpan(0, count).LastIndexOf((byte)'\n');
        if (end < 0)
            return (null, 0);
        var start = tail.AsSpan(0, end).LastIndexOf((byte)'\n') + 1;
        return (AuditRecord.Parse(tail.AsMemory(start..end), "", out _), length - count + end + 1);
    }

    private string PathOf(string name) => Path.Combine(directory, name);
}
