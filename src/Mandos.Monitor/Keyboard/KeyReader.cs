using System.Globalization;
using System.Text;

namespace Mandos.Monitor.Keyboard;

/// <summary>
/// Makes keys of what a terminal sends: UTF-8, and the control sequences of VT100, xterm, the Linux console, rxvt and tmux.
/// </summary>
internal sealed class KeyReader
{
    private const byte Escape = 0x1B;

    /// <summary>A longer control sequence is dropped.</summary>
    private const int LongestSequence = 32;

    private readonly List<byte> _pending = [];

    /// <summary>Whether more bytes may complete a key; if none come for a moment, it was the escape key.</summary>
    internal bool IsIncomplete => _pending.Count > 0;

    /// <summary>Returns the keys that are complete with these bytes.</summary>
    internal List<Key> Take(ReadOnlySpan<byte> bytes)
    {
        var keys = new List<Key>();
        _pending.AddRange(bytes);
        var all = _pending.ToArray().AsSpan();
        while (all.Length > 0 && Next(all, out var key) is > 0 and var used)
        {
            keys.Add(key);
            all = all[used..];
        }

        _pending.Clear();
        if (all.Length <= LongestSequence)
            _pending.AddRange(all);
        return keys;
    }

    /// <summary>Returns the keys in an incomplete sequence: the escape key, and what followed it.</summary>
    internal List<Key> Flush()
    {
        if (_pending.Count == 0)
            return [];
        var isEscape = _pending[0] == Escape;
        var rest = _pending.Skip(1).ToArray();
        _pending.Clear();
        return isEscape ? [new(KeyKind.Escape), .. Take(rest)] : [];
    }

    /// <summary>Returns how many bytes the first key has; 0 if more are needed.</summary>
    private static int Next(ReadOnlySpan<byte> bytes, out Key key)
    {
        key = new(KeyKind.Other);
        var first = bytes[0];
        if (first == Escape)
            return Sequence(bytes, out key);
        if (first < 0x20 || first == 0x7F)
        {
            key = first switch
            {
                (byte)'\r' or (byte)'\n' => new(KeyKind.Enter),
                (byte)'\t' => new(KeyKind.Tab),
                0x7F or 0x08 => new(KeyKind.Backspace),
                _ => Key.Control((char)(first + '@')),
            };
            return 1;
        }

        switch (Rune.DecodeFromUtf8(bytes, out var rune, out var length))
        {
            case System.Buffers.OperationStatus.Done:
                key = new(KeyKind.Character, rune);
                return length;
            case System.Buffers.OperationStatus.NeedMoreData:
                return 0;
            default:
                return length;
        }
    }

    private static int Sequence(ReadOnlySpan<byte> bytes, out Key key)
    {
        key = new(KeyKind.Other);
        if (bytes.Length < 2)
            return 0;
        switch (bytes[1])
        {
            // The function keys of the Linux console.
            case (byte)'[' when bytes.Length > 2 && bytes[2] == '[':
                if (bytes.Length < 4)
                    return 0;
                key = bytes[3] == 'A' ? new(KeyKind.Help) : key;
                return 4;
            case (byte)'[':
                return ControlSequence(bytes, out key);
            case (byte)'O':
                if (bytes.Length < 3)
                    return 0;
                key = Named((char)bytes[2], "");
                return 3;
            // Two escapes: the first one was a key.
            case Escape:
                key = new(KeyKind.Escape);
                return 1;
            default:
                key = bytes[1] is >= 0x20 and < 0x7F ? Key.Meta((char)bytes[1]) : key;
                return 2;
        }
    }

    /// <summary>CSI, parameters, a final byte (ECMA-48, section 5.4).</summary>
    private static int ControlSequence(ReadOnlySpan<byte> bytes, out Key key)
    {
        key = new(KeyKind.Other);
        for (var i = 2; i < bytes.Length; i++)
        {
            if (bytes[i] is < 0x40 or > 0x7E)
                continue;
            var parameters = Encoding.ASCII.GetString(bytes[2..i]);
            key = parameters.StartsWith('<') ? Mouse((char)bytes[i], parameters[1..]) : Named((char)bytes[i], parameters);
            return i + 1;
        }

        return 0;
    }

    private static Key Named(char final, string parameters) => (final, parameters) switch
    {
        ('A', _) => new(KeyKind.Up),
        ('B', _) => new(KeyKind.Down),
        ('H', _) or ('~', "1" or "7") => new(KeyKind.Home),
        ('F', _) or ('~', "4" or "8") => new(KeyKind.End),
        ('~', "5") => new(KeyKind.PageUp),
        ('~', "6") => new(KeyKind.PageDown),
        ('P', _) or ('~', "11") => new(KeyKind.Help),
        _ => new(KeyKind.Other),
    };

    /// <summary>xterm's SGR reports: button; column; row, then M for a press and m for a release.</summary>
    private static Key Mouse(char final, string parameters)
    {
        var parts = parameters.Split(';');
        if (final != 'M' || parts.Length != 3
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var button)
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var row))
            return new(KeyKind.Other);
        return button switch
        {
            0 => new(KeyKind.Click, Row: row - 1),
            64 => new(KeyKind.WheelUp),
            65 => new(KeyKind.WheelDown),
            _ => new(KeyKind.Other),
        };
    }
}
