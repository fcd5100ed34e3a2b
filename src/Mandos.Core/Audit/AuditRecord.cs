using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Org.BouncyCastle.Crypto.Digests;

namespace Mandos.Core.Audit;

/// <summary>
/// One record of the server's audit trail. In the file it is a line of JSON; the last member is the hash of the previous record's hash, as
/// 64 hex digits, and of the bytes of the line before that member.
/// </summary>
public sealed record AuditRecord
{
    /// <summary>The hash before the first record.</summary>
    public static readonly string NoHash = new('0', 64);

    /// <summary>The event of the first record of each file; its field <see cref="Previous"/> is the hash of the record before it.</summary>
    public const string Begin = "TrailBegins";

    /// <summary>The field of the hash of the previous file's last record.</summary>
    public const string Previous = "previous";

    /// <summary>The limit for a line, in bytes.</summary>
    public const int MostBytes = 64 * 1024;

    private const int HashLength = 75;

    /// <summary>Limits in characters and of fields: with each character escaped, a line is shorter than <see cref="MostBytes"/>.</summary>
    private const int MostText = 2000, MostValue = 500, MostFields = 12;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Counts from 1, across files and restarts.</summary>
    public required long Number { get; init; }

    /// <summary>When the event happened, by the server's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The time as in the file.</summary>
    public string TimeText => Time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>Reads <see cref="TimeText"/>.</summary>
    public static bool TryParseTime(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    /// <summary>The host name of the server.</summary>
    public required string Server { get; init; }

    /// <summary>The stable name of the event, as in the field MANDOS_EVENT of the journal.</summary>
    public required string Event { get; init; }

    /// <summary>The event in words.</summary>
    public required string Text { get; init; }

    /// <summary>The values of the event, by their names in lower case.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>The hash; null for a record that was not read from a file.</summary>
    public string? Hash { get; private init; }

    /// <summary>The value of a field; null if there is none of that name.</summary>
    public string? Field(string name) => Fields.FirstOrDefault(field => field.Key == name).Value;

    /// <summary>The record with long texts cut, as in the file.</summary>
    public AuditRecord Limited() => this with
    {
        Text = Cut(Text, MostText),
        Fields = [.. Fields.Take(MostFields).Select(field => KeyValuePair.Create(field.Key, Cut(field.Value, MostValue)))],
    };

    /// <summary>Formats the line of a <see cref="Limited"/> record, with its line end.</summary>
    /// <param name="previous">The hash of the previous record.</param>
    /// <param name="hash">The hash of this record.</param>
    public byte[] Format(string previous, out string hash)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("number", Number);
            json.WriteString("time", TimeText);
            json.WriteString("server", Server);
            json.WriteString("event", Event);
            json.WriteStartObject("fields");
            foreach (var (name, value) in Fields)
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteString("text", Text);
            json.WriteEndObject();
        }

        var body = buffer.WrittenSpan[..^1];
        hash = HashOf(previous, body);
        return [.. body, .. Encoding.ASCII.GetBytes($",\"hash\":\"{hash}\"}}\n")];
    }

    /// <summary>Reads a line, without its line end; null if it is not a record.</summary>
    /// <param name="line">The bytes of the line.</param>
    /// <param name="previous">The hash of the previous record.</param>
    /// <param name="isGenuine">Whether the hash is right.</param>
    public static AuditRecord? Parse(ReadOnlyMemory<byte> line, string previous, out bool isGenuine)
    {
        isGenuine = false;
        if (line.Length <= HashLength || line.Length > MostBytes)
            return null;
        try
        {
            using var json = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 4 });
            var root = json.RootElement;
            var record = new AuditRecord
            {
                Number = root.GetProperty("number").GetInt64(),
                Time = root.GetProperty("time").GetDateTimeOffset(),
                Server = Text("server"),
                Event = Text("event"),
                Text = Text("text"),
                Fields = [.. root.GetProperty("fields").EnumerateObject()
                    .Select(field => KeyValuePair.Create(field.Name, field.Value.GetString() ?? ""))],
                Hash = Text("hash"),
            };
            // The first record of a file brings the hash that it continues.
            if (record.Event == Begin && previous.Length == 0)
                previous = record.Field(Previous) ?? "";
            var hash = HashOf(previous, line.Span[..^HashLength]);
            isGenuine = record.Hash == hash && line.Span[^HashLength..].SequenceEqual(Encoding.ASCII.GetBytes($",\"hash\":\"{hash}\"}}"));
            return record;

            string Text(string name) => root.GetProperty(name).GetString() ?? "";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : string.Concat(text.AsSpan(0, most), "...");

    private static string HashOf(string previous, ReadOnlySpan<byte> body)
    {
        var digest = new Sha256Digest();
        digest.BlockUpdate(Encoding.ASCII.GetBytes(previous));
        digest.BlockUpdate(body);
        var hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash);
        return Convert.ToHexStringLower(hash);
    }
}
