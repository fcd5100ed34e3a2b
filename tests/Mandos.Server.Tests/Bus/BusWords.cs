using System.Globalization;
using System.Text;
using Mandos.Bus.Messages;

namespace Mandos.Server.Tests.Bus;

/// <summary>Bodies of messages in words, with their types: <c>s"text" t5 {s"key": b1}</c>.</summary>
internal static class BusWords
{
    /// <summary>All that is left.</summary>
    internal static string Of(BusReader reader)
    {
        var words = new List<string>();
        while (!reader.AtEnd)
            words.Add(One(reader));
        return string.Join(' ', words);
    }

    private static string One(BusReader reader)
    {
        var type = reader.NextType;
        switch (type)
        {
            case 'v':
                reader.EnterVariant();
                break;
            case 'e':
                reader.EnterEntry(reader.NextContents);
                break;
            case 'r':
                reader.EnterStructure(reader.NextContents);
                break;
            case 'a':
                reader.EnterArray(reader.NextContents);
                break;
            default:
                return type + Basic(reader, type);
        }

        var inner = new List<string>();
        while (!reader.AtEnd)
            inner.Add(One(reader));
        reader.Exit();
        return type switch
        {
            'v' => inner[0],
            'e' => $"{inner[0]}: {inner[1]}",
            'r' => $"({string.Join(", ", inner)})",
            _ => new StringBuilder("[").AppendJoin(", ", inner).Append(']').ToString(),
        };
    }

    private static string Basic(BusReader reader, char type) => type switch
    {
        's' => $"\"{reader.ReadString()}\"",
        'o' => $"\"{reader.ReadObjectPath()}\"",
        'b' => reader.ReadBoolean() ? "1" : "0",
        'y' => reader.ReadByte().ToString(CultureInfo.InvariantCulture),
        'n' => reader.ReadInt16().ToString(CultureInfo.InvariantCulture),
        'q' => reader.ReadUInt16().ToString(CultureInfo.InvariantCulture),
        'i' => reader.ReadInt32().ToString(CultureInfo.InvariantCulture),
        'u' => reader.ReadUInt32().ToString(CultureInfo.InvariantCulture),
        'x' => reader.ReadInt64().ToString(CultureInfo.InvariantCulture),
        't' => reader.ReadUInt64().ToString(CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"type {type}"),
    };
}
