using System.Runtime.InteropServices;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Bus.Messages;

/// <summary>
/// Reads the body of a message from its beginning. A missing value, or one of another type, throws a <see cref="BusException"/> with the
/// name InvalidArgs. Valid only inside the callback that receives it.
/// </summary>
public readonly unsafe ref struct BusReader
{
    private readonly nint _message;
    private readonly Action<int>? _hold;

    internal BusReader(nint message)
        : this(message, null)
    {
    }

    private BusReader(nint message, Action<int>? hold) => (_message, _hold) = (message, hold);

    /// <summary>
    /// Returns a reader that reports each text and byte array before it is copied, with the bytes that it uses in the message and as a copy
    /// together. An exception from <paramref name="hold"/> prevents the copy.
    /// </summary>
    public BusReader Holding(Action<int> hold) => new(_message, hold);

    /// <summary>The types of the whole body, for example <c>a{sv}ay</c>.</summary>
    public string Signature => Text(SdBus.GetSignature(_message, 1));

    /// <summary>Whether the container that was entered last, or the body, is at its end.</summary>
    public bool AtEnd => Check(SdBus.AtEnd(_message, 0)) != 0;

    /// <summary>The type of the next value: a letter, <c>a</c>, <c>v</c>, <c>r</c> (structure), <c>e</c> (entry); NUL at the end.</summary>
    public char NextType => Check(SdBus.PeekType(_message, out var type, out _)) == 0 ? '\0' : (char)type;

    /// <summary>The types inside the next value, if it is a container.</summary>
    public string NextContents => Check(SdBus.PeekType(_message, out _, out var contents)) == 0 || contents is null ? "" : Text(contents);

    /// <summary>Throws if the body has other types.</summary>
    public void Expect(string signature)
    {
        if (Signature != signature)
            throw Invalid(
                signature.Length == 0
                    ? $"no arguments are expected, got '{Signature}'"
                    : $"arguments of types '{signature}' are expected, not '{Signature}'");
    }

    /// <summary>Type <c>y</c>.</summary>
    public byte ReadByte() => Read<byte>('y');

    /// <summary>Type <c>b</c>.</summary>
    public bool ReadBoolean() => Read<int>('b') != 0;

    /// <summary>Type <c>n</c>.</summary>
    public short ReadInt16() => Read<short>('n');

    /// <summary>Type <c>q</c>.</summary>
    public ushort ReadUInt16() => Read<ushort>('q');

    /// <summary>Type <c>i</c>.</summary>
    public int ReadInt32() => Read<int>('i');

    /// <summary>Type <c>u</c>.</summary>
    public uint ReadUInt32() => Read<uint>('u');

    /// <summary>Type <c>x</c>.</summary>
    public long ReadInt64() => Read<long>('x');

    /// <summary>Type <c>t</c>.</summary>
    public ulong ReadUInt64() => Read<ulong>('t');

    /// <summary>Type <c>d</c>.</summary>
    public double ReadDouble() => Read<double>('d');

    /// <summary>Type <c>s</c>.</summary>
    public string ReadString() => ReadText('s');

    /// <summary>Type <c>o</c>.</summary>
    public string ReadObjectPath() => ReadText('o');

    /// <summary>Type <c>g</c>.</summary>
    public string ReadSignature() => ReadText('g');

    /// <summary>Type <c>ay</c>, not secret.</summary>
    public byte[] ReadBytes(int limit) => Bytes(limit).ToArray();

    /// <summary>
    /// Type <c>ay</c>, secret, into a buffer that the caller owns; the message is wiped when it is freed (the sender's and the bus's copies
    /// are beyond our control).
    /// </summary>
    public SecretBuffer ReadSecret(int limit)
    {
        _ = Check(SdBus.MarkSensitive(_message));
        return SecretBuffer.CopyOf(Bytes(limit));
    }

    /// <summary>Enters an array of elements of a type; ends with <see cref="Exit"/>.</summary>
    public void EnterArray(string element) => Enter('a', element);

    /// <summary>Enters an entry of a dictionary; ends with <see cref="Exit"/>. <paramref name="types"/>: for example <c>sv</c>.</summary>
    public void EnterEntry(string types) => Enter('e', types);

    /// <summary>Enters a structure; ends with <see cref="Exit"/>.</summary>
    public void EnterStructure(string types) => Enter('r', types);

    /// <summary>Enters a variant of any type; ends with <see cref="Exit"/>.</summary>
    public void EnterVariant() => Enter('v', null);

    /// <summary>Leaves the container that was entered last, which must have been read completely.</summary>
    public void Exit()
    {
        if (!AtEnd)
            throw Invalid("there is more data than expected");
        _ = Check(SdBus.ExitContainer(_message));
    }

    /// <summary>Skips values of these types.</summary>
    public void Skip(string types) => _ = Check(SdBus.Skip(_message, types));

    /// <summary>Skips the next value of any type.</summary>
    public void Skip() => Skip(NextSignature);

    internal static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    private string NextSignature => NextType switch
    {
        '\0' => "",
        'a' => $"a{NextContents}",
        'r' => $"({NextContents})",
        'e' => $"{{{NextContents}}}",
        var type => type.ToString(),
    };

    private ReadOnlySpan<byte> Bytes(int limit)
    {
        if (NextSignature is var next && next != "ay")
            throw Invalid($"type 'ay' is expected, not '{next}'");
        _ = Check(SdBus.ReadArray(_message, (byte)'y', out var bytes, out var size));
        if (size > (nuint)limit)
            throw Invalid($"at most {limit} bytes are accepted");
        _hold?.Invoke(2 * (int)size);
        return new(bytes, (int)size);
    }

    private string ReadText(char type)
    {
        var text = (byte*)Read<nint>(type);
        // A message has at most 128 MiB, and two bytes of memory are a character.
        _hold?.Invoke(3 * MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text).Length);
        return Text(text);
    }

    private T Read<T>(char type)
        where T : unmanaged
    {
        if (NextType is var next && next != type)
            throw Invalid(next == '\0' ? "there is less data than expected" : $"type '{type}' is expected, not '{NextSignature}'");
        T value;
        _ = Check(SdBus.ReadBasic(_message, (byte)type, &value));
        return value;
    }

    private void Enter(char type, string? contents)
    {
        var next = NextType;
        if (next != type || (contents is not null && NextContents != contents))
            throw Invalid(
                next == '\0'
                    ? "there is less data than expected"
                    : $"type '{type}' of '{contents}' is expected, not '{next}' of '{NextContents}'");
        _ = Check(SdBus.EnterContainer(_message, (byte)type, NextContents));
    }

    private static int Check(int result) => result >= 0 ? result : throw Invalid(new Errno(-result).ToString());

    private static BusException Invalid(string message) => new(BusErrors.InvalidArguments, message);
}
