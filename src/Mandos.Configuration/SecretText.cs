using System.Runtime.InteropServices;
using System.Text.Unicode;
using Mandos.Core.Secrets;

namespace Mandos.Configuration;

/// <summary>Text that grows in locked memory; old content is wiped when the text is cleared, grows or is disposed.</summary>
internal sealed class SecretText : IDisposable
{
    private SecretBuffer _buffer = new(1);

    /// <summary>The text; borrowed until the next call.</summary>
    internal ReadOnlySpan<char> Span => MemoryMarshal.Cast<byte, char>(_buffer.Span);

    /// <summary>The number of UTF-16 code units.</summary>
    internal int Length => _buffer.Length / sizeof(char);

    internal void Append(ReadOnlySpan<char> text)
    {
        var bytes = MemoryMarshal.AsBytes(text);
        MakeRoom(bytes.Length);
        _buffer.Append(bytes);
    }

    /// <summary>Appends text that is valid UTF-8.</summary>
    internal void AppendUtf8(ReadOnlySpan<byte> utf8)
    {
        // At most one code unit per byte. A longer line is not a secret, and the rest of it is ignored.
        MakeRoom(checked(utf8.Length * sizeof(char)));
        _ = Utf8.ToUtf16(utf8, MemoryMarshal.Cast<byte, char>(_buffer.Free), out _, out var written);
        _buffer.Advance(written * sizeof(char));
    }

    private void MakeRoom(int bytes)
    {
        if (bytes <= _buffer.Capacity - _buffer.Length)
            return;
        var larger = new SecretBuffer((int)Math.Min(int.MaxValue, 2L * (_buffer.Length + bytes)));
        larger.Append(_buffer.Span);
        _buffer.Dispose();
        _buffer = larger;
    }

    internal void Clear() => _buffer.SetLength(0);

    /// <summary>Wipes the text.</summary>
    public void Dispose() => _buffer.Dispose();
}
