using System.Buffers;
using Mandos.Core.Secrets;

namespace Mandos.Keygen.Images;

/// <summary>Reads a stream once from its beginning to its end, looking ahead a little.</summary>
/// <param name="stream">The stream; not disposed.</param>
/// <param name="length">How much of it to read at most.</param>
internal sealed class ForwardReader(Stream stream, long length = long.MaxValue) : IDisposable
{
    private readonly byte[] _buffer = new byte[128 << 10];
    private int _start;
    private int _end;
    private long _left = length;

    /// <summary>How many bytes were read.</summary>
    internal long Position { get; private set; }

    /// <summary>Returns the next bytes; fewer only at the end.</summary>
    internal async ValueTask<ReadOnlyMemory<byte>> PeekAsync(int count, CancellationToken cancellationToken)
    {
        if (_end - _start < count && _start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        while (_end - _start < count)
        {
            var space = _buffer.AsMemory(_end, (int)Math.Min(_buffer.Length - _end, _left));
            var read = await stream.ReadAsync(space, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                break;
            _end += read;
            _left -= read;
        }

        return _buffer.AsMemory(_start, Math.Min(count, _end - _start));
    }

    /// <summary>Passes over bytes that <see cref="PeekAsync"/> returned.</summary>
    internal void Skip(int count)
    {
        _start += count;
        Position += count;
    }

    /// <summary>Passes all of the next bytes to <paramref name="take"/>, in pieces; false if there are fewer.</summary>
    internal async ValueTask<bool> TakeAsync(long count, ReadOnlySpanAction<byte, long>? take, CancellationToken cancellationToken)
    {
        for (var left = count; left > 0;)
        {
            var piece = await PeekAsync((int)Math.Min(left, 16 << 10), cancellationToken).ConfigureAwait(false);
            if (piece.Length == 0)
                return false;
            take?.Invoke(piece.Span, count - left);
            Skip(piece.Length);
            left -= piece.Length;
        }

        return true;
    }

    /// <summary>Reads at least one byte; 0 at the end.</summary>
    internal async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        if (_start == _end)
            await PeekAsync(1, cancellationToken).ConfigureAwait(false);
        var count = Math.Min(target.Length, _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(target);
        Skip(count);
        return count;
    }

    /// <summary>Wipes the buffer, which keys have passed through.</summary>
    public void Dispose() => SecretBuffer.Wipe(_buffer);
}
