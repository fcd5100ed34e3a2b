using System.Text;
using Mandos.BusClient;

namespace Mandos.Control.Listing;

/// <summary>
/// Upstream's table: a line of headers and a line for each client; every column as wide as its widest value, also the last, and one space
/// between two.
/// </summary>
internal static class PlainTable
{
    /// <summary>Writes the table.</summary>
    /// <param name="clients">The rows.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="safe">Makes a text of the server safe for the output.</param>
    /// <param name="widthOf">The width of a text; on a terminal, that of its characters there.</param>
    /// <param name="output">Where to.</param>
    internal static void Write(
        IReadOnlyList<ClientState> clients, IReadOnlyList<ClientColumn> columns, Func<string, string> safe, Func<string, int> widthOf,
        TextWriter output)
    {
        var rows = new List<(string Text, int Width)[]>(clients.Count + 1) { Row(column => column.Header) };
        rows.AddRange(clients.Select(client => Row(column => column.Value(client))));
        var widths = columns.Select((_, i) => rows.Max(row => row[i].Width)).ToArray();
        var line = new StringBuilder();
        foreach (var row in rows)
        {
            line.Clear();
            for (var i = 0; i < row.Length; i++)
                line.Append(i == 0 ? "" : " ").Append(row[i].Text).Append(' ', widths[i] - row[i].Width);
            output.Write(line.Append('\n'));
        }

        (string Text, int Width)[] Row(Func<ClientColumn, string> value) =>
            [.. columns.Select(value).Select(safe).Select(text => (text, widthOf(text)))];
    }
}
