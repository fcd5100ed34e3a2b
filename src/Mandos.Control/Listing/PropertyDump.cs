using System.Globalization;
using Mandos.BusClient;

namespace Mandos.Control.Listing;

/// <summary>
/// Upstream's JSON: an object with an object for each client, indented by four, in ASCII. (<c>System.Text.Json</c> writes other escape
/// sequences and cannot be made to write these.)
/// </summary>
internal static class PropertyDump
{
    /// <summary>Writes it.</summary>
    internal static void Write(IReadOnlyList<ClientState> clients, TextWriter output)
    {
        if (clients.Count == 0)
        {
            output.Write("{}\n");
            return;
        }

        output.Write('{');
        for (var i = 0; i < clients.Count; i++)
        {
            output.Write(i == 0 ? "\n    " : ",\n    ");
            WriteText(clients[i].Name, output);
            output.Write(": {");
            for (var j = 0; j < ClientColumn.All.Count; j++)
            {
                output.Write(j == 0 ? "\n        " : ",\n        ");
                WriteText(ClientColumn.All[j].Property, output);
                output.Write(": ");
                WriteValue(clients[i][ClientColumn.All[j].Property], output);
            }

            output.Write("\n    }");
        }

        output.Write("\n}\n");
    }

    private static void WriteValue(object? value, TextWriter output)
    {
        switch (value)
        {
            case bool flag:
                output.Write(flag ? "true" : "false");
                break;
            case long number:
                output.Write(number.ToString(CultureInfo.InvariantCulture));
                break;
            case string text:
                WriteText(text, output);
                break;
            default:
                output.Write("null");
                break;
        }
    }

    private static void WriteText(string text, TextWriter output)
    {
        output.Write('"');
        foreach (var letter in text)
        {
            switch (letter)
            {
                case '"' or '\\':
                    output.Write('\\');
                    output.Write(letter);
                    break;
                case '\n':
                    output.Write("\\n");
                    break;
                case '\r':
                    output.Write("\\r");
                    break;
                case '\t':
                    output.Write("\\t");
                    break;
                case '\b':
                    output.Write("\\b");
                    break;
                case '\f':
                    output.Write("\\f");
                    break;
                case < ' ' or > '~' and not '\x7F':
                    output.Write(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"));
                    break;
                default:
                    output.Write(letter);
                    break;
            }
        }

        output.Write('"');
    }
}
