using Mandos.Core.Secrets;

namespace Mandos.Core.Exchange;

/// <summary>Collects a secret of unknown length in locked memory: when it outgrows its buffer it moves to a larger one, and the old one is wiped.</summary>
internal sealed class GrowingSecret(int limit) : IDisposable
{
    private const int FirstCapacity = 16 * 1024;

    private SecretBuffer? _buffer = new(Math.Min(FirstCapacity, limit));

    internal int Length => _buffer!.Length;

    /// <summary>Moves in what has been decrypted; false if that is more than the limit allows.</summary>
    internal bool TakeFrom(TlsChannel channel)
    {
        while (channel.Available > 0)
        {
            if (channel.Available > limit - Length)
                return false;
            Reserve(Length + channel.Available);
            _buffer!.Advance(channel.Take(_buffer.Free));
        }
        return true;
    }

    /// <summary>Hands the buffer over; the caller owns it now.</summary>
    internal SecretBuffer Release()
    {
        var buffer = _buffer!;
        _buffer = null;
        return buffer;
    }

    public void Dispose() => _buffer?.Dispose();

    private void Reserve(int length)
    {
        if (length <= _buffer!.Capacity)
            return;
        var larger = new SecretBuffer((int)Math.Min(limit, Math.Max(length, 2L * _buffer.Capacity)));
        larger.Append(_buffer.Span);
        _buffer.Dispose();
        _buffer = larger;
    }
}
