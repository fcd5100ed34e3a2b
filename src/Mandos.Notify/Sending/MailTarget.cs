using System.Diagnostics;
using System.Globalization;
using System.Text;
using Mandos.Core.Text;
using Mandos.Notify.Configuration;
using Mandos.Notify.Events;

namespace Mandos.Notify.Sending;

/// <summary>Mail through sendmail(8).</summary>
internal sealed class MailTarget(MailSettings settings) : ProgramTarget(settings)
{
    private readonly MailSettings _settings = settings;

    private protected override Task<SendOutcome> TrySendAsync(Notification notification, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(_settings.Sendmail) { ArgumentList = { "-i" } };
        if (_settings.From is { } from)
        {
            start.ArgumentList.Add("-f");
            start.ArgumentList.Add(from);
        }

        start.ArgumentList.Add("--");
        foreach (var address in _settings.To)
            start.ArgumentList.Add(address);
        return RunAsync(start, Message(notification), cancellationToken);
    }

    /// <summary>
    /// Not what sysexits.h has for a message, an address or a configuration that is wrong: EX_USAGE to EX_NOHOST, EX_NOPERM, EX_CONFIG.
    /// </summary>
    private protected override bool IsTemporary(int exitCode) => exitCode is not ((>= 64 and <= 68) or 77 or 78);

    /// <summary>The message (RFC 5322), in ASCII: texts that are not are encoded (RFC 2045, RFC 2047).</summary>
    internal byte[] Message(Notification notification)
    {
        var text = new StringBuilder();
        if (_settings.From is { } from)
            text.Append(CultureInfo.InvariantCulture, $"From: {from}\n");
        text.Append(CultureInfo.InvariantCulture, $"To: {string.Join(",\n ", _settings.To)}\n");
        text.Append(CultureInfo.InvariantCulture, $"Subject: {Subject(PrintableText.Of($"[Mandos] {notification.Title}"))}\n");
        text.Append(CultureInfo.InvariantCulture, $"Date: {notification.Time.UtcDateTime:ddd, dd MMM yyyy HH:mm:ss} +0000\n");
        text.Append("Auto-Submitted: auto-generated\nMIME-Version: 1.0\n");
        text.Append("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n");
        var body = Encoding.UTF8.GetBytes($"{WebhookBody.PlainText(notification)}\n");
        text.Append(Convert.ToBase64String(body, Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n"));
        text.Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>An encoded word has at most 75 characters, so a long subject has several, each with whole characters.</summary>
    private static string Subject(string text)
    {
        const int mostOfLine = 900, mostBytes = 42;
        if (Ascii.IsValid(text) && text.Length <= mostOfLine)
            return text;
        var words = new List<string>();
        var bytes = new List<byte>();
        Span<byte> encoded = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(encoded);
            if (bytes.Count + length > mostBytes)
                Flush();
            bytes.AddRange(encoded[..length]);
        }

        Flush();
        return string.Join("\n ", words);

        void Flush()
        {
            words.Add($"=?UTF-8?B?{Convert.ToBase64String([.. bytes])}?=");
            bytes.Clear();
        }
    }
}
