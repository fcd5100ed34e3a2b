using System.Buffers.Binary;
using System.Text;

namespace Mandos.Server.Store.Import;

/// <summary>
/// Writes the part of Python's pickle protocol 2 that <see cref="PickleReader"/> reads: the same values, with the same operations. It does
/// not use the memo, which makes the file larger but does not change the values.
/// </summary>
internal sealed class PickleWriter
{
    private readonly Stream _stream;

    private PickleWriter(Stream stream) => _stream = stream;

    /// <summary>Returns the bytes of a value: see below.</summary>
    internal static byte[] Write(object? value)
    {
        using var stream = new MemoryStream();
        Write(value, stream);
        return stream.ToArray();
    }

    /// <summary>
    /// Writes a value: null, bool, int, string, byte[], <see cref="DateTime"/>, <see cref="TimeSpan"/>, dictionaries (their pairs
    /// one after the other), lists of texts, pairs.
    /// </summary>
    internal static void Write(object? value, Stream stream)
    {
        var writer = new PickleWriter(stream);
        writer.Put(0x80, 2);
        writer.Value(value);
        writer.Put((byte)'.');
    }

    private void Value(object? value)
    {
        switch (value)
        {
            case null:
                Put((byte)'N');
                break;
            case bool flag:
                Put((byte)(flag ? 0x88 : 0x89));
                break;
            case int number:
                Put((byte)'J');
                Integer(number);
                break;
            case string text:
                Text(Encoding.UTF8.GetBytes(text));
                break;
            case byte[] bytes:
                Global("_codecs", "encode");
                Text(Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(bytes)));
                Text("latin1"u8);
                Put(0x86, (byte)'R');
                break;
            case DateTime instant:
                Global("datetime", "datetime");
                Value(Instant(instant));
                Put(0x85, (byte)'R');
                break;
            case TimeSpan span:
                Span(span);
                break;
            case IEnumerable<KeyValuePair<string, object?>> dictionary:
                Dictionary(dictionary);
                break;
            case IReadOnlyList<string> list:
                Put((byte)']');
                foreach (var item in list)
                {
                    Value(item);
                    Put((byte)'a');
                }

                break;
            case object?[] and [var first, var second]:
                Value(first);
                Value(second);
                Put(0x86);
                break;
            default:
                throw new ArgumentException($"no value of a pickle: {value.GetType()}", nameof(value));
        }
    }

    private void Dictionary(IEnumerable<KeyValuePair<string, object?>> dictionary)
    {
        Put((byte)'}');
        foreach (var (key, value) in dictionary)
        {
            Value(key);
            Value(value);
            Put((byte)'s');
        }
    }

    /// <summary>As in Python, only the days may be negative.</summary>
    private void Span(TimeSpan span)
    {
        var days = Math.DivRem(span.Ticks, TimeSpan.TicksPerDay, out var rest);
        if (rest < 0)
            (days, rest) = (days - 1, rest + TimeSpan.TicksPerDay);
        Global("datetime", "timedelta");
        Value((int)days);
        Value((int)(rest / TimeSpan.TicksPerSecond));
        Value((int)(rest % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
        Put(0x87, (byte)'R');
    }

    private static byte[] Instant(DateTime time)
    {
        var micro = (int)(time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        return
        [
            (byte)(time.Year >> 8), (byte)time.Year, (byte)time.Month, (byte)time.Day, (byte)time.Hour, (byte)time.Minute,
            (byte)time.Second,
            (byte)(micro >> 16), (byte)(micro >> 8), (byte)micro,
        ];
    }

    private void Global(string module, string name) => Put(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

    private void Text(ReadOnlySpan<byte> utf8)
    {
        Put((byte)'X');
        Integer(utf8.Length);
        Put(utf8);
    }

    private void Integer(int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        Put(bytes);
    }

    private void Put(params ReadOnlySpan<byte> bytes) => _stream.Write(bytes);
}
