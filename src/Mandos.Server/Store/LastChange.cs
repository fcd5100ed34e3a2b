using System.Buffers.Binary;
using Mandos.Core.Linux.Files;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Server.Store;

/// <summary>
/// The number of the last change, outside the database. Where the write-ahead log is cut off, nothing in the database shows
/// that there was more: clients that were disabled would be enabled again, without a word. Two places take turns, so that a
/// write that was torn leaves the number before; each is sealed.
/// </summary>
internal sealed class LastChange : IDisposable
{
    internal const string FileName = "clients.last";

    /// <summary>Far enough apart for a sector each.</summary>
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

    /// <summary>Reads it; null if there is none, or none that can be trusted.</summary>
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

    /// <summary>Opens it, and makes it where there is none.</summary>
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

    /// <summary>Sets it; it lasts when this returns.</summary>
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
