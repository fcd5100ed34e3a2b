using System.Buffers.Binary;
using System.Text;

namespace Mandos.Server.Store.Import;

/// <summary>The operands, the stack, and the four supported names.</summary>
internal sealed partial class PickleReader
{
    private const int LongestName = 64;
    private const int LongestNumber = 8;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _next)
            throw Refuse("it is truncated");
        _next += count;
        return _bytes.AsSpan(_next - count, count);
    }

    private string Text()
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
        if (length > _limits.Text)
            throw Refuse("it has a string that is too long");
        try
        {
            return Strict.GetString(Take((int)length));
        }
        catch (DecoderFallbackException)
        {
            throw Refuse("it has a string that is not UTF-8");
        }
    }

    /// <summary>A little-endian two's complement number.</summary>
    private long Long()
    {
        var bytes = Take(Take(1)[0]);
        if (bytes.Length > LongestNumber)
            throw Refuse("it has a number that is too large");
        Span<byte> number = stackalloc byte[LongestNumber];
        number.Fill(!bytes.IsEmpty && bytes[^1] >= 0x80 ? (byte)0xFF : (byte)0);
        bytes.CopyTo(number);
        return BinaryPrimitives.ReadInt64LittleEndian(number);
    }

    private object Counted(object container) =>
        ++_containers <= _limits.Containers ? container : throw Refuse("it has too many parts");

    private object? Remembered(uint index) =>
        _memo.TryGetValue(index, out var value) ? value : throw Refuse("it refers to a value that does not exist");

    private void Push(object? value)
    {
        if (_stack.Count == _limits.Stack)
            throw Refuse("it has too many values at once");
        _stack.Add(value);
    }

    /// <summary>Values below the last mark belong to the enclosing container.</summary>
    private int Floor => _marks.Count == 0 ? 0 : _marks[^1];

    private object? Top() => _stack.Count > Floor ? _stack[^1] : throw Refuse("a value is missing");

    private object?[] Pop(int count)
    {
        if (_stack.Count - count < Floor)
            throw Refuse("a value is missing");
        object?[] values = [.. _stack[^count..]];
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
            throw Refuse("a mark is missing");
        var values = Pop(_stack.Count - Floor);
        _marks.RemoveAt(_marks.Count - 1);
        return values;
    }

    private void Append(object?[] values)
    {
        if (Top() is not List<object?> list)
            throw Refuse("it appends to a value that is not a list");
        list.AddRange(values);
    }

    private void SetItems(object?[] values)
    {
        if (Top() is not Dictionary<string, object?> dictionary || values.Length % 2 != 0)
            throw Refuse("it adds to a value that is not a dictionary");
        for (var i = 0; i < values.Length; i += 2)
            dictionary[values[i] as string ?? throw Refuse("it has a key that is not a string")] = values[i + 1];
    }

    private object Global()
    {
        var module = Line();
        var name = Line();
        return (module, name) switch
        {
            ("datetime", "datetime") => PickleGlobal.DateTime,
            ("datetime", "timedelta") => PickleGlobal.TimeDelta,
            ("_codecs", "encode") => PickleGlobal.Encode,
            ("__builtin__", "bytes") => PickleGlobal.Bytes,
            _ => throw Refuse($"it calls '{module}.{name}', which the original does not"),
        };
    }

    private string Line()
    {
        var rest = _bytes.AsSpan(_next);
        var length = rest[..Math.Min(rest.Length, LongestName + 1)].IndexOf((byte)'\n');
        if (length < 0)
            throw Refuse("it has an unterminated name");
        var line = Encoding.Latin1.GetString(Take(length));
        _ = Take(1);
        return line;
    }

    private object Call(object? function, object? arguments) => (function, arguments) switch
    {
        (PickleGlobal.DateTime, object?[] and [byte[] { Length: 10 } bytes]) => Instant(bytes),
        (PickleGlobal.TimeDelta, object?[] and [long days, long seconds, long micro]) => Span(days, seconds, micro),
        (PickleGlobal.Encode, object?[] and [string text, "latin1"]) => Latin1(text),
        (PickleGlobal.Bytes, object?[] and []) => Array.Empty<byte>(),
        _ => throw Refuse("it calls a function with the wrong arguments"),
    };

    /// <summary>Year (two bytes, big-endian), month, day, hour, minute, second, microsecond (three bytes).</summary>
    private DateTime Instant(byte[] bytes)
    {
        var micro = bytes[7] << 16 | bytes[8] << 8 | bytes[9];
        try
        {
            return new DateTime(bytes[0] << 8 | bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], DateTimeKind.Utc)
                .AddTicks(micro < 1_000_000 ? micro * TimeSpan.TicksPerMicrosecond : throw Refuse("it has an invalid time"));
        }
        catch (ArgumentOutOfRangeException)
        {
            throw Refuse("it has an invalid time");
        }
    }

    private TimeSpan Span(long days, long seconds, long micro)
    {
        var ticks = ((Int128)days * TimeSpan.TicksPerDay)
            + ((Int128)seconds * TimeSpan.TicksPerSecond)
            + ((Int128)micro * TimeSpan.TicksPerMicrosecond);
        return ticks >= long.MinValue && ticks <= long.MaxValue
            ? new TimeSpan((long)ticks)
            : throw Refuse("it has a duration that is too long");
    }

    private byte[] Latin1(string text)
    {
        foreach (var c in text)
        {
            if (c > 0xFF)
                throw Refuse("it has a byte greater than 255");
        }

        // A text can be referenced repeatedly.
        _encoded += text.Length;
        return _encoded <= _limits.Length ? Encoding.Latin1.GetBytes(text) : throw Refuse("it has too many bytes");
    }
}
