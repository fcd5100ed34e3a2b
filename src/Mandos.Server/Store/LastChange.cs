using System.Buffers.Binary;
using Mandos.Core.Linux.Files;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Server.Store;

/// <summary>
/// The number of the last change, kept outside the database. If the end of the write-ahead log is lost, nothing in the database shows it,
/// and clients that were disabled would silently be enabled again. Writes alternate between two places, so that a torn write leaves the
/// previous number; each place is sealed.
/// </summary>
internal sealed class LastChange : IDisposable
{
    internal const string FileName = "clients.last";

    /// <summary>The distance between the places, so that each has its own sector.</summary>
    private const int PlaceLength = 512;

    private const int SealLength = 32;
    private const string SealedAs = "last change";

    private readonly SafeFileHandle _file;
    private readonly RowSeal _seal;

    private LastChange(SafeFileHandle file, RowSeal seal)
    {
        _file = file;
        _seal = seal;
    }

    /// <summary>Reads the number; null if there is none, or none with a valid seal.</summary>
    internal static long? Read(StateDirectory directory, RowSeal seal)
    {
        if (!directory.Holds(FileName))
            return null;
        var content = new byte[2 * PlaceLength];
        using var file = File.OpenHandle(directory.File(FileName));
        var length = RandomAccess.Read(file, content, 0);
        long? last = null;
        for (var place = 0; place + sizeof(long) + SealLength <= length; place += PlaceLength)
        {
            var number = BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(place));
            if (content.AsSpan(place + sizeof(long), SealLength).SequenceEqual(seal.Of(SealedAs, [number])) && !(number <= last))
                last = number;
        }

        return last;
    }

    /// <summary>Opens the file, and creates it if it does not exist.</summary>
    internal static LastChange Open(StateDirectory directory, RowSeal seal)
    {
        var isNew = !directory.Holds(FileName);
        if (isNew)
        {
            using var file = directory.CreateNew(FileName);
            file.Write(new byte[2 * PlaceLength]);
            file.Flush(flushToDisk: true);
        }

        directory.KeepToOwner(FileName);
        return new(File.OpenHandle(directory.File(FileName), FileMode.Open, FileAccess.ReadWrite), seal);
    }

    /// <summary>Writes the number; durable when this returns.</summary>
    internal void Write(long number)
    {
        var place = new byte[sizeof(long) + SealLength];
        BinaryPrimitives.WriteInt64LittleEndian(place, number);
        _seal.Of(SealedAs, [number]).CopyTo(place, sizeof(long));
        RandomAccess.Write(_file, place, number % 2 * PlaceLength);
        _ = DurableFiles.SyncData(_file);
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
