using System.Buffers.Binary;
using System.Globalization;
using Mandos.Core.Secrets;

namespace Mandos.Server.Store.Import;

/// <summary>
/// Reads the part of Python's pickle protocol 2 that upstream's saved state uses, into plain values: null, bool, long, string,
/// byte[], <see cref="DateTime"/>, <see cref="TimeSpan"/>, lists, tuples (arrays) and dictionaries with string keys. It calls nothing and
/// creates no other types; everything else is refused. The operations are those of Python's module pickletools.
/// </summary>
internal sealed partial class PickleReader
{
    private readonly byte[] _bytes;
    private readonly PickleLimits _limits;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _next;
    private int _operation;
    private int _containers;
    private long _encoded;

    private PickleReader(byte[] bytes, PickleLimits limits)
    {
        _bytes = bytes;
        _limits = limits;
    }

    /// <summary>Reads one value, which must take up all of the bytes.</summary>
    /// <exception cref="PickleException">The value is not of the supported kind.</exception>
    internal static object? Read(byte[] bytes, PickleLimits? limits = null)
    {
        var reader = new PickleReader(bytes, limits ?? new());
        return reader.Read();
    }

    private object? Read()
    {
        if (_bytes.Length > _limits.Length)
            throw Refuse(string.Create(CultureInfo.InvariantCulture, $"it is longer than {_limits.Length} bytes"));
        for (var operations = 0; operations < _limits.Operations; operations++)
        {
            _operation = _next;
            var code = Take(1)[0];
            if (code != (byte)'.')
            {
                Execute(code);
                continue;
            }

            if (_stack.Count != 1 || _marks.Count != 0)
                throw Refuse("it ends in the middle of a value");
            return _next == _bytes.Length ? _stack[0] : throw Refuse("there is data after its end");
        }

        throw Refuse("it is too long");
    }

    private void Execute(byte code)
    {
        switch ((char)code)
        {
            case '\x80':
                if (Take(1)[0] is not 2)
                    throw Refuse("its protocol is not 2");
                break;
            case '(':
                if (_marks.Count == _limits.Depth)
                    throw Refuse("it is nested too deeply");
                _marks.Add(_stack.Count);
                break;
            case '}':
                Push(Counted(new Dictionary<string, object?>()));
                break;
            case ']':
                Push(Counted(new List<object?>()));
                break;
            case ')':
                Push(Array.Empty<object?>());
                break;
            case 'X':
                Push(Text());
                break;
            case 'J':
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                break;
            case 'K':
                Push((long)Take(1)[0]);
                break;
            case 'M':
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                break;
            case '\x8A':
                Push(Long());
                break;
            case 'N':
                Push(null);
                break;
            case '\x88':
                Push(true);
                break;
            case '\x89':
                Push(false);
                break;
            case 'q':
                _memo[Take(1)[0]] = Top();
                break;
            case 'r':
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Top();
                break;
            case 'h':
                Push(Remembered(Take(1)[0]));
                break;
            case 'j':
                Push(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            case '\x85':
                Push(Pop(1));
                break;
            case '\x86':
                Push(Pop(2));
                break;
            case '\x87':
                Push(Pop(3));
                break;
            case 't':
                Push(PopToMark());
                break;
            case 'a':
                Append(Pop(1));
                break;
            case 'e':
                Append(PopToMark());
                break;
            case 's':
                SetItems(Pop(2));
                break;
            case 'u':
                SetItems(PopToMark());
                break;
            case 'c':
                Push(Global());
                break;
            case 'R':
                var call = Pop(2);
                Push(Call(call[0], call[1]));
                break;
            default:
                throw Refuse(string.Create(CultureInfo.InvariantCulture, $"it has an unknown operation, 0x{code:x2}"));
        }
    }

    private PickleException Refuse(string reason) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{reason} (at byte {_operation})"));
}

/// <summary>A saved state that upstream did not write.</summary>
/// <param name="message">What is wrong, and where.</param>
internal sealed class PickleException(string message) : Exception(message);

/// <summary>The only names that a pickle may call, and what each one yields; nothing is ever looked up or executed.</summary>
internal enum PickleGlobal
{
    /// <summary><c>datetime.datetime</c>: a <see cref="DateTime"/> of ten bytes.</summary>
    DateTime,

    /// <summary><c>datetime.timedelta</c>: a <see cref="TimeSpan"/> of days, seconds and microseconds.</summary>
    TimeDelta,

    /// <summary><c>_codecs.encode</c>: bytes, written as a text with one character per byte.</summary>
    Encode,

    /// <summary><c>__builtin__.bytes</c>: an empty byte string.</summary>
    Bytes,
}

/// <summary>The limits for a pickle: enough for tens of thousands of clients, and at most a few hundred megabytes of memory.</summary>
internal sealed record PickleLimits
{
    /// <summary>The total length in bytes; also the limit for everything that is made of texts.</summary>
    internal int Length { get; init; } = 64 << 20;

    internal int Operations { get; init; } = 5_000_000;

    /// <summary>The number of dictionaries and lists.</summary>
    internal int Containers { get; init; } = 250_000;

    /// <summary>The number of values on the stack.</summary>
    internal int Stack { get; init; } = 10_000;

    /// <summary>The number of marks on the stack.</summary>
    internal int Depth { get; init; } = 64;

    /// <summary>The length of one text in bytes.</summary>
    internal int Text { get; init; } = PasswordLimits.LargestMessage * 2;
}
