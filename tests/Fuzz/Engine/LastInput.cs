using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace Mandos.Fuzz.Engine;

/// <summary>
/// Keeps the input that runs now in a mapped file, so that it is known even when the process is gone at once (a stack that
/// overflows, memory that is not its own).
/// </summary>
internal sealed unsafe class LastInput : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _bytes;

    internal LastInput(string path, int longest)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, sizeof(int) + longest);
        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _bytes);
    }

    internal void Write(byte[] input)
    {
        BinaryPrimitives.WriteInt32LittleEndian(new Span<byte>(_bytes, sizeof(int)), input.Length);
        input.CopyTo(new Span<byte>(_bytes + sizeof(int), input.Length));
    }

    /// <summary>What a process that has ended ran last.</summary>
    internal static byte[] Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return bytes[sizeof(int)..(sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(bytes))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
