namespace Mandos.Core.Secrets;

/// <summary>
/// Locked memory that grows with its content up to a limit, because the length of decompressed data is not known in advance.
/// </summary>
internal sealed class GrowingBuffer(int capacity, int limit) : IDisposable
{
    private SecretBuffer _buffer = new(capacity);

    public int Length => _buffer.Length;

    public ReadOnlySpan<byte> Span => _buffer.Span;

    /// <summary>Appends bytes; false, without any change, if the limit would be exceeded.</summary>
    public bool Append(ReadOnlySpan<byte> bytes)
    {
        if (!Reserve(bytes.Length))
            return false;
        _buffer.Append(bytes);
        return true;
    }

    /// <summary>Appends one byte; false if the limit would be exceeded.</summary>
    public bool Append(byte value)
    {
        if (!Reserve(1))
            return false;
        _buffer.Free[0] = value;
        _buffer.Advance(1);
        return true;
    }

    /// <summary>
    /// Appends a copy of earlier content, beginning <paramref name="distance"/> bytes back; the copy may overlap the appended bytes.
    /// </summary>
    public bool Repeat(int distance, int count)
    {
        if (!Reserve(count))
            return false;
        var free = _buffer.Free;
        var back = _buffer.Span[^distance..];
        for (var i = 0; i < count; i++)
            free[i] = i < distance ? back[i] : free[i - distance];
        _buffer.Advance(count);
        return true;
    }

    /// <summary>Transfers the content to the caller, who disposes it.</summary>
    public SecretBuffer Take() => _buffer;

    public void Dispose() => _buffer.Dispose();

    private bool Reserve(int count)
    {
        if (count > limit - _buffer.Length)
            return false;
        if (count <= _buffer.Free.Length)
            return true;
        var larger = new SecretBuffer(Math.Max(_buffer.Length + count, _buffer.Capacity * 2));
        larger.Append(_buffer.Span);
        _buffer.Dispose();
        _buffer = larger;
        return true;
    }
}
