using System.Globalization;
using System.Text;
using Mandos.Core.Linux.Files;

namespace Mandos.Server.Logging;

/// <summary>
/// A log line for systemd's journal, with the values of the message in searchable fields: <c>journalctl MANDOS_CLIENT=name</c>.
/// </summary>
/// <remarks>
/// The native protocol of systemd-journald: one field per line, so that no value may contain a line end.
/// <code>
///   MESSAGE=client [web1]: ...            without the prefix of the system log, which the journal knows by itself
///   PRIORITY=6
///   SYSLOG_FACILITY=3
///   SYSLOG_IDENTIFIER=mandos
///   MANDOS_EVENT=Delivered                the name of the message
///   MANDOS_SERVICE=Mandos #2              if it is announced by another name than the default
///   MANDOS_CLIENT=web1                    each value in the message, by its name there
///   MANDOS_KEY_ID=a8c1...
/// </code>
/// </remarks>
internal static class JournalEntry
{
    /// <summary>The socket of journald.</summary>
    internal const string Socket = "/run/systemd/journal/socket";

    /// <summary>
    /// Whether the open file is the connection to the journal that a service manager made (systemd.exec(5): <c>device:inode</c>). The
    /// variable alone proves nothing, because every program that a service starts inherits it, including shells in terminals.
    /// </summary>
    /// <param name="stream">The value of JOURNAL_STREAM.</param>
    /// <param name="descriptor">The open file.</param>
    internal static bool IsReachedBy(string? stream, int descriptor)
    {
        var (device, inode) = FileKind.IdentityOf(descriptor);
        return inode != 0 && stream == string.Create(CultureInfo.InvariantCulture, $"{device}:{inode}");
    }

    /// <summary>Formats the datagram for journald.</summary>
    internal static byte[] Format(int facility, LogLine line)
    {
        var text = new StringBuilder();
        Add(text, "MESSAGE", line.Text);
        Add(text, "PRIORITY", LogLevelName.Severity(line.Level).ToString(CultureInfo.InvariantCulture));
        Add(text, "SYSLOG_FACILITY", facility.ToString(CultureInfo.InvariantCulture));
        Add(text, "SYSLOG_IDENTIFIER", "mandos");
        if (line.Event is { } name)
            Add(text, "MANDOS_EVENT", name);
        if (line.Service.Length > 0)
            Add(text, "MANDOS_SERVICE", line.Service);
        foreach (var (key, value) in line.Fields)
            Add(text, FieldName(key), value);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Add(StringBuilder text, string field, string value) => text.Append(field).Append('=').Append(value).Append('\n');

    /// <summary>Converts KeyId to MANDOS_KEY_ID.</summary>
    private static string FieldName(string key)
    {
        var name = new StringBuilder("MANDOS");
        foreach (var c in key)
        {
            if (char.IsAsciiLetterUpper(c))
                name.Append('_');
            name.Append(char.ToUpperInvariant(c));
        }

        return name.ToString();
    }
}
