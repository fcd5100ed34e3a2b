using System.Runtime.InteropServices;
using Mandos.Core.Secrets;

namespace Mandos.Server.Configuration;

/// <summary>Text that grows in locked memory; what it held is wiped when it is cleared, grows or ends.</summary>
internal sealed class SecretText : IDisposable
{
    private SecretBuffer _buffer = new(1);

    /// <summary>The text; lent until the next call.</summary>
    internal ReadOnlySpan<char> Span => MemoryMarshal.Cast<byte, char>(_buffer.Span);

    /// <summary>Number of UTF-16 units.</summary>
    internal int Length => _buffer.Length / sizeof(char);

    internal void Append(ReadOnlySpan<char> text)
    {
        var bytes = MemoryMarshal.AsBytes(text);
        if (bytes.Length > _buffer.Capacity - _buffer.Length)
        {
            var larger = new SecretBuffer(2 * (_buffer.Length + bytes.Length));
            larger.Append(_buffer.Span);
            _buffer.Dispose();
            _buffer = larger;
        }

        _buffer.Append(bytes);
    }

    internal void Clear() => _buffer.SetLength(0);

    /// <summary>Wipes it.</summary>
    public void Dispose() => _buffer.Dispose();
}
