using System.Globalization;
using Mandos.CommandLine;
using Mandos.Configuration;
using Mandos.Notify.Events;

namespace Mandos.Notify.Configuration;

/// <summary>Reads mandos-notify.conf. Every problem is reported with its line.</summary>
internal static class NotifySettingsReader
{
    private const string General = "notify";
    private const int MostTargets = 64;

    private static readonly string[] KnownGeneral = ["pages"];
    private static readonly string[] KnownWebhook = ["url", "format", "secret", "token", "room", "events"];
    private static readonly string[] KnownMail = ["to", "from", "sendmail", "events"];
    private static readonly string[] KnownCommand = ["command", "events"];

    private static readonly NotificationKind[] Kinds = [.. Enum.GetValues<NotificationKind>().Where(kind => kind != NotificationKind.Test)];

    /// <summary>Reads the file. A missing one has no targets, which is an error.</summary>
    internal static NotifySettings Read(string file, List<ConfigurationProblem> problems)
    {
        var outcome = ConfigurationFile.Read(file, null, problems, out var document);
        using (document)
        {
            if (outcome == ConfigurationFile.Outcome.Missing)
                problems.Add(new(file, 0, "does not exist"));
            else if (outcome == ConfigurationFile.Outcome.Read && OpenToOthers.Is(file))
                problems.Add(new(file, 0, OpenToOthers.Warning(file), IsWarning: true));
            return document is null ? new() : Read(document, problems);
        }
    }

    private static NotifySettings Read(ConfigurationDocument document, List<ConfigurationProblem> problems)
    {
        var targets = new List<TargetSettings>();
        Uri? pages = null;
        foreach (var section in document.Sections)
        {
            using var values = new ConfigurationValues(document, section, problems);
            var words = section.Name.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            switch (words)
            {
                case [General]:
                    Warn(document, section, KnownGeneral, problems);
                    pages = Address(values, "pages");
                    break;
                case ["webhook", _]:
                    Warn(document, section, KnownWebhook, problems);
                    Add(Webhook(values));
                    break;
                case ["mail", _]:
                    Warn(document, section, KnownMail, problems);
                    Add(Mail(values));
                    break;
                case ["command", _]:
                    Warn(document, section, KnownCommand, problems);
                    Add(Command(values));
                    break;
                default:
                    problems.Add(new(
                        document.File, section.Line,
                        $"[{section.Name}] is not [{General}], [webhook NAME], [mail NAME] or [command NAME]"));
                    break;
            }
        }

        if (targets.Count == 0 && problems.TrueForAll(problem => problem.IsWarning))
            problems.Add(new(document.File, 0, "has no target: neither [webhook NAME] nor [mail NAME] nor [command NAME]"));
        if (targets.Count > MostTargets)
            problems.Add(new(document.File, 0, string.Create(CultureInfo.InvariantCulture, $"has more than {MostTargets} targets")));
        return new() { Pages = pages, Targets = targets };

        void Add(TargetSettings? target)
        {
            if (target is not null)
                targets.Add(target);
        }
    }

    private static void Warn(
        ConfigurationDocument document, ConfigurationSection section, string[] known, List<ConfigurationProblem> problems)
    {
        foreach (var (name, option) in section.Options.Where(option => !known.Contains(option.Key)))
        {
            var text = $"{name} is not a setting of [{section.Name}]{SpellingHint.Hint(name, known)}";
            problems.Add(new(document.File, option.Line, text, IsWarning: true));
        }
    }

    private static WebhookSettings? Webhook(ConfigurationValues values)
    {
        var kinds = KindsOf(values);
        var format = Format(values);
        var token = Secret(values, "token");
        var secret = Secret(values, "secret");
        var room = values.Text("room");
        if (Address(values, "url") is not { } address)
        {
            if (string.IsNullOrEmpty(values.Text("url")))
                values.Refuse("url", "is missing");
            return null;
        }

        if (address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
            values.Warn("url", "it is not encrypted: everyone on the way can read the messages, and the token; use https");
        if (format == WebhookFormat.Matrix && (string.IsNullOrEmpty(room) || token is null))
        {
            values.Refuse(token is null ? "token" : "room", "the format matrix needs it");
            return null;
        }

        if (format != WebhookFormat.Matrix && room is not null)
            values.Warn("room", "it is used by the format matrix only");
        return kinds is null || format is not { } known
            ? null
            : new WebhookSettings(values.Name, kinds, address, known) { Secret = secret, Token = token, Room = room };
    }

    private static WebhookFormat? Format(ConfigurationValues values)
    {
        switch (values.Text("format"))
        {
            case null or "" or "json":
                return WebhookFormat.Json;
            case "ntfy":
                return WebhookFormat.Ntfy;
            case "slack":
                return WebhookFormat.Slack;
            case "matrix":
                return WebhookFormat.Matrix;
            case var other:
                values.Refuse("format", $"'{other}' is not json, ntfy, slack or matrix");
                return null;
        }
    }

    private static MailSettings? Mail(ConfigurationValues values)
    {
        var kinds = KindsOf(values);
        var to = values.Words("to");
        var from = values.Text("from");
        var sendmail = values.Text("sendmail") is { Length: > 0 } path ? path : MailSettings.DefaultSendmail;
        if (to.Length == 0)
            values.Refuse("to", "is missing");
        var areValid = to.Length > 0;
        foreach (var (name, address) in to.Select(one => ("to", one)).Concat(from is { Length: > 0 } ? [("from", from)] : []))
        {
            if (IsMailAddress(address))
                continue;
            values.Refuse(name, $"'{address}' is not an address, as in alice@example.org or root");
            areValid = false;
        }

        if (sendmail[0] != '/')
        {
            values.Refuse("sendmail", $"'{sendmail}' is not an absolute path");
            areValid = false;
        }

        return kinds is null || !areValid ? null : new(values.Name, kinds, to, from is { Length: > 0 } ? from : null, sendmail);
    }

    private static CommandSettings? Command(ConfigurationValues values)
    {
        var kinds = KindsOf(values);
        if (values.Raw("command") is { Length: > 0 } command)
            return kinds is null ? null : new(values.Name, kinds, command);
        values.Refuse("command", "is missing");
        return null;
    }

    /// <summary>A local part, or one with a domain. An address that begins with a hyphen would be an option of sendmail.</summary>
    private static bool IsMailAddress(string text) =>
        text.Length is > 0 and <= 254 && text[0] != '-'
        && text.All(c => c is > ' ' and < '\x7f' and not (',' or ';' or '<' or '>' or '"' or '\\'))
        && text.Count(c => c == '@') <= 1 && text[0] != '@' && text[^1] != '@';

    private static HashSet<NotificationKind>? KindsOf(ConfigurationValues values)
    {
        var words = values.Words("events");
        if (words.Length == 0)
            return [.. Kinds];
        var kinds = new HashSet<NotificationKind>();
        foreach (var word in words)
        {
            if (Kinds.Where(kind => Notification.NameOf(kind) == word).ToList() is not [var kind])
            {
                values.Refuse("events", $"'{word}' is not one of {string.Join(", ", Kinds.Select(Notification.NameOf))}");
                return null;
            }

            kinds.Add(kind);
        }

        return kinds;
    }

    private static string? Secret(ConfigurationValues values, string name)
    {
        if (values.Raw(name) is not { Length: > 0 } text)
            return null;
        if (text.All(c => c is > ' ' and < '\x7f'))
            return text;
        values.Refuse(name, "it has a space or a character that is not ASCII");
        return null;
    }

    private static Uri? Address(ConfigurationValues values, string name)
    {
        if (values.Raw(name) is not { Length: > 0 } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            && address.UserInfo.Length == 0 && address.Host.Length > 0)
            return address;
        values.Refuse(name, "it is not an address such as https://example.org/path, without a user name");
        return null;
    }
}
