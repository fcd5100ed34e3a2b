using System.Runtime.InteropServices;

namespace Mandos.Core.Linux;

/// <summary>A NULL-terminated array of C strings as execve(2) takes it, in native memory.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int _count;
    private byte** _pointers;

    internal NativeStrings(IReadOnlyList<string> values)
    {
        _count = values.Count;
        _pointers = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < _count; i++)
            _pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(values[i]);
    }

    internal byte** Pointers => _pointers;

    public void Dispose()
    {
        if (_pointers is null)
            return;
        for (var i = 0; i < _count; i++)
            Marshal.FreeCoTaskMem((nint)_pointers[i]);
        NativeMemory.Free(_pointers);
        _pointers = null;
    }
}
