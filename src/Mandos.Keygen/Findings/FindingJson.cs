using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Mandos.Keygen.Findings;

/// <summary>Prints findings as JSON, as documented in mandos-keygen(8).</summary>
internal static class FindingJson
{
    internal static void Print(TextWriter output, string? image, Report report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        // The default encoder escapes everything beyond ASCII, and so whatever could disturb a terminal.
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = true }))
            Write(json, image, report);
        output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        output.Write('\n');
    }

    private static void Write(Utf8JsonWriter json, string? image, Report report)
    {
        json.WriteStartObject();
        json.WriteString("result", FindingTable.Word(report.Worst));
        json.WriteString("image", image);
        json.WriteStartArray("findings");
        foreach (var finding in report.Findings)
        {
            json.WriteStartObject();
            json.WriteString("id", finding.Id);
            json.WriteString("subject", finding.Subject);
            json.WriteString("severity", FindingTable.Word(finding.Severity));
            json.WriteString("text", finding.Text);
            json.WriteString("fix", finding.Fix);
            json.WriteStartArray("details");
            foreach (var line in finding.Details)
                json.WriteStringValue(line);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
