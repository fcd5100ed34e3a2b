using System.Globalization;
using System.Text;
using System.Text.Json;
using Mandos.Core.Text;
using Mandos.Notify.Configuration;
using Mandos.Notify.Events;

namespace Mandos.Notify.Sending;

/// <summary>The body of a request, in the format of its receiver.</summary>
/// <param name="Type">The media type.</param>
/// <param name="Bytes">The body.</param>
/// <param name="Headers">Headers that belong to it.</param>
internal sealed record WebhookBody(string Type, byte[] Bytes, IReadOnlyList<(string Name, string Value)> Headers)
{
    private const string Json = "application/json";

    internal static WebhookBody Of(WebhookFormat format, Notification notification) => format switch
    {
        WebhookFormat.Ntfy => Ntfy(notification),
        WebhookFormat.Slack => new(Json, Object(json => json.WriteString("text", SlackText(notification))), []),
        WebhookFormat.Matrix => new(Json, Object(json =>
        {
            json.WriteString("msgtype", "m.text");
            json.WriteString("body", PlainText(notification));
        }), []),
        _ => new(Json, Own(notification), []),
    };

    /// <summary>Our own format; see mandos-notify(8).</summary>
    internal static byte[] Own(Notification notification) => Object(json =>
    {
        json.WriteNumber("version", Notification.FormatVersion);
        json.WriteString("id", notification.Id);
        json.WriteString("event", Notification.NameOf(notification.Kind));
        json.WriteString("server", notification.Server);
        json.WriteStartArray("clients");
        foreach (var client in notification.Clients)
            json.WriteStringValue(client);
        json.WriteEndArray();
        json.WriteString("time", Time(notification.Time));
        json.WriteString("title", notification.Title);
        json.WriteString("details", notification.Details);
        if (notification.Deadline is { } deadline)
            json.WriteString("deadline", Time(deadline));
        if (notification.Page is { } page)
            json.WriteString("page", page.AbsoluteUri);
    });

    /// <summary>The text with the link, for receivers without a place for it.</summary>
    internal static string PlainText(Notification notification)
    {
        var text = string.Join('\n', notification.Text.Split('\n').Select(PrintableText.Of));
        return notification.Page is { } page ? $"{text}\n{page.AbsoluteUri}" : text;
    }

    private static WebhookBody Ntfy(Notification notification)
    {
        var headers = new List<(string, string)>
        {
            ("Title", Header(notification.Title)),
            ("Priority", notification.Kind is NotificationKind.Waiting or NotificationKind.ExpiresSoon ? "high" : "default"),
        };
        if (notification.Page is { } page)
            headers.Add(("Click", page.AbsoluteUri));
        var text = notification.Details.Length > 0 ? notification.Details : notification.Title;
        return new("text/plain; charset=utf-8", Encoding.UTF8.GetBytes(PrintableText.Of(text)), headers);
    }

    /// <summary>Three characters are markup for Slack; a name of a client must not become a link or call people.</summary>
    private static string SlackText(Notification notification) => PlainText(notification)
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);

    /// <summary>ASCII, or an encoded word (RFC 2047), which ntfy decodes.</summary>
    internal static string Header(string text)
    {
        var printable = PrintableText.Of(text);
        return Ascii.IsValid(printable) ? printable : $"=?UTF-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(printable))}?=";
    }

    private static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static byte[] Object(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
