namespace Mandos.Core.Audit;

/// <summary>Reads lines as bytes; the part of a line beyond the limit is skipped.</summary>
/// <param name="stream">Where they come from.</param>
/// <param name="most">The limit in bytes.</param>
internal sealed class LineReader(Stream stream, int most)
{
    private readonly byte[] _buffer = new byte[most + 1];
    private int _start;
    private int _end;

    /// <summary>Reads the next line, without its line end; valid until the next call.</summary>
    /// <param name="line">The line; of a longer one the first bytes, one more than the limit.</param>
    /// <param name="isComplete">Whether it has a line end.</param>
    internal bool Next(out ReadOnlyMemory<byte> line, out bool isComplete)
    {
        var length = Fill();
        isComplete = length >= 0;
        var isTooLong = length < 0 && _end - _start == _buffer.Length;
        line = isComplete ? _buffer.AsMemory(_start, length) : _buffer.AsMemory(_start, _end - _start);
        if (isTooLong)
        {
            line = line.ToArray();
            isComplete = Skip();
            return true;
        }

        _start += isComplete ? length + 1 : line.Length;
        return isComplete || line.Length > 0;
    }

    /// <summary>Reads until there is a line end; its position, or -1 if there is none before the limit or the end.</summary>
    private int Fill()
    {
        while (true)
        {
            var position = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (position >= 0 || (_start == 0 && _end == _buffer.Length))
                return position;
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }

            if (_end == _buffer.Length)
                continue;
            var count = stream.Read(_buffer, _end, _buffer.Length - _end);
            if (count == 0)
                return -1;
            _end += count;
        }
    }

    /// <summary>Skips the rest of a line; false if it has no line end.</summary>
    private bool Skip()
    {
        while (true)
        {
            _start = _end = 0;
            var length = Fill();
            if (length >= 0)
            {
                _start = length + 1;
                return true;
            }

            if (_end < _buffer.Length)
            {
                _start = _end;
                return false;
            }
        }
    }
}
