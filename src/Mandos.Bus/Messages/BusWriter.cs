using System.Buffers;
using System.Text;
using Mandos.Core.Linux;

namespace Mandos.Bus.Messages;

/// <summary>
/// Writes the body of a message, one value after the other; the counterpart of <see cref="BusReader"/>. An invalid value (a malformed path,
/// a container that is not closed) is a bug in the caller and an <see cref="InvalidOperationException"/>; any text is accepted. Valid only
/// inside the callback that receives it.
/// </summary>
public readonly unsafe ref struct BusWriter
{
    private readonly nint _message;

    internal BusWriter(nint message) => _message = message;

    /// <summary>Type <c>y</c>.</summary>
    public void WriteByte(byte value) => Write('y', &value);

    /// <summary>Type <c>b</c>.</summary>
    public void WriteBoolean(bool value)
    {
        var number = value ? 1 : 0;
        Write('b', &number);
    }

    /// <summary>Type <c>n</c>.</summary>
    public void WriteInt16(short value) => Write('n', &value);

    /// <summary>Type <c>q</c>.</summary>
    public void WriteUInt16(ushort value) => Write('q', &value);

    /// <summary>Type <c>i</c>.</summary>
    public void WriteInt32(int value) => Write('i', &value);

    /// <summary>Type <c>u</c>.</summary>
    public void WriteUInt32(uint value) => Write('u', &value);

    /// <summary>Type <c>x</c>.</summary>
    public void WriteInt64(long value) => Write('x', &value);

    /// <summary>Type <c>t</c>.</summary>
    public void WriteUInt64(ulong value) => Write('t', &value);

    /// <summary>Type <c>d</c>.</summary>
    public void WriteDouble(double value) => Write('d', &value);

    /// <summary>Type <c>s</c>; characters that D-Bus does not carry are replaced.</summary>
    public void WriteString(string value) => WriteText('s', BusText.Carried(value));

    /// <summary>Type <c>o</c>.</summary>
    public void WriteObjectPath(string value) => WriteText('o', value);

    /// <summary>Type <c>g</c>.</summary>
    public void WriteSignature(string value) => WriteText('g', value);

    /// <summary>Type <c>ay</c>.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        fixed (byte* bytes = value)
            Check(SdBus.AppendArray(_message, (byte)'y', bytes, (nuint)value.Length));
    }

    /// <summary>Type <c>as</c>.</summary>
    public void WriteStrings(IEnumerable<string> values)
    {
        OpenArray("s");
        foreach (var value in values)
            WriteString(value);
        Close();
    }

    /// <summary>Opens an array of elements of a type; ends with <see cref="Close"/>.</summary>
    public void OpenArray(string element) => Open('a', element);

    /// <summary>Opens an entry of a dictionary; ends with <see cref="Close"/>. <paramref name="types"/>: for example <c>sv</c>.</summary>
    public void OpenEntry(string types) => Open('e', types);

    /// <summary>Opens a structure; ends with <see cref="Close"/>.</summary>
    public void OpenStructure(string types) => Open('r', types);

    /// <summary>Opens a variant with one value of a type; ends with <see cref="Close"/>.</summary>
    public void OpenVariant(string type) => Open('v', type);

    /// <summary>Closes what was opened last.</summary>
    public void Close() => Check(SdBus.CloseContainer(_message));

    private void WriteText(char type, string value)
    {
        var length = Encoding.UTF8.GetMaxByteCount(value.Length) + 1;
        var rented = length > 1024 ? ArrayPool<byte>.Shared.Rent(length) : null;
        var buffer = rented ?? stackalloc byte[length];
        buffer[Encoding.UTF8.GetBytes(value, buffer)] = 0;
        fixed (byte* text = buffer)
            Write(type, text);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    private void Open(char type, string contents) => Check(SdBus.OpenContainer(_message, (byte)type, contents));

    private void Write(char type, void* value) => Check(SdBus.AppendBasic(_message, (byte)type, value));

    private static void Check(int result)
    {
        if (result < 0)
            throw new InvalidOperationException($"cannot create a message for the bus: {new Errno(-result)}");
    }
}

/// <summary>Writes a body; called on the thread of the connection, and must do nothing else.</summary>
public delegate void BusBody(BusWriter writer);

/// <summary>Converts a body to a value; called on the thread of the connection, and must do nothing else.</summary>
public delegate T BusResult<out T>(BusReader reader);
