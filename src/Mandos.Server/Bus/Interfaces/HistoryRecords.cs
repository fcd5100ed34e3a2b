using Mandos.Bus.Messages;
using Mandos.Core.Audit;

namespace Mandos.Server.Bus.Interfaces;

/// <summary>Records of the audit trail on the bus: number, time as in the file, server, event, text, fields.</summary>
internal static class HistoryRecords
{
    /// <summary>The type of one record.</summary>
    internal const string Type = "(tssssa{ss})";

    /// <summary>Writes an array of records.</summary>
    internal static void Write(BusWriter writer, IReadOnlyList<AuditRecord> records)
    {
        writer.OpenArray(Type);
        foreach (var record in records)
        {
            writer.OpenStructure(Type[1..^1]);
            writer.WriteUInt64((ulong)record.Number);
            foreach (var text in (string[])[record.TimeText, record.Server, record.Event, record.Text])
                writer.WriteString(text);
            writer.OpenArray("{ss}");
            foreach (var (name, value) in record.Fields)
            {
                writer.OpenEntry("ss");
                writer.WriteString(name);
                writer.WriteString(value);
                writer.Close();
            }

            writer.Close();
            writer.Close();
        }

        writer.Close();
    }
}
