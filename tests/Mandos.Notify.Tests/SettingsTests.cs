using Mandos.Configuration;
using Mandos.Notify.Configuration;
using Mandos.Notify.Events;

namespace Mandos.Notify.Tests;

/// <summary>The configuration file.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_complete_file_is_read()
    {
        var settings = Read(
            """
            [notify]
            pages = https://mandos.example/
            [webhook ops]
            url = https://ntfy.example/topic
            format = ntfy
            token = tk_1%2
            events = waiting, disabled
            [webhook chat]
            url = https://matrix.example
            format = matrix
            room = !abc:matrix.example
            token = syt_1
            [mail admins]
            to = alice@example.org, root
            from = mandos@example.org
            [command pager]
            command = logger -t pager "$MANDOS_TITLE"
            """);
        Assert.Equal("https://mandos.example/", settings.Pages?.AbsoluteUri);
        Assert.Equal(["webhook ops", "webhook chat", "mail admins", "command pager"], settings.Targets.Select(target => target.Name));
        var ops = Assert.IsType<WebhookSettings>(settings.Targets[0]);
        Assert.Equal((WebhookFormat.Ntfy, "tk_1%2", null), (ops.Format, ops.Token, ops.Secret));
        Assert.Equal([NotificationKind.Waiting, NotificationKind.Disabled], ops.Kinds.Order());
        Assert.Equal(Messages.All.Except([NotificationKind.Test]), settings.Targets[1].Kinds.Order());
        var mail = Assert.IsType<MailSettings>(settings.Targets[2]);
        Assert.Equal(
            ("alice@example.org root", "mandos@example.org", "/usr/sbin/sendmail"), (string.Join(' ', mail.To), mail.From, mail.Sendmail));
        Assert.Equal("logger -t pager \"$MANDOS_TITLE\"", Assert.IsType<CommandSettings>(settings.Targets[3]).Command);
    }

    [Theory]
    [InlineData("[webhook a]", 1, "[webhook a] url: is missing")]
    [InlineData("[webhook a]\nurl = ftp://example.org", 2, "[webhook a] url: it is not an address such as https://example.org/path, without a user name")]
    [InlineData("[webhook a]\nurl = https://me:pw@example.org", 2, "[webhook a] url: it is not an address such as https://example.org/path, without a user name")]
    [InlineData("[webhook a]\nurl = https://example.org\nformat = xml", 3, "[webhook a] format: 'xml' is not json, ntfy, slack or matrix")]
    [InlineData("[webhook a]\nurl = https://example.org\nformat = matrix", 1, "[webhook a] token: the format matrix needs it")]
    [InlineData("[webhook a]\nurl = https://example.org\nsecret = a b", 3, "[webhook a] secret: it has a space or a character that is not ASCII")]
    [InlineData("[webhook a]\nurl = https://example.org\nevents = lost", 3, "[webhook a] events: 'lost' is not one of waiting, expires_soon, disabled, delivered, unknown_key")]
    [InlineData("[mail a]", 1, "[mail a] to: is missing")]
    [InlineData("[mail a]\nto = -oQ/tmp", 2, "[mail a] to: '-oQ/tmp' is not an address, as in alice@example.org or root")]
    [InlineData("[mail a]\nto = root\nsendmail = sendmail", 3, "[mail a] sendmail: 'sendmail' is not an absolute path")]
    [InlineData("[command a]", 1, "[command a] command: is missing")]
    [InlineData("[pager a]", 1, "[pager a] is not [notify], [webhook NAME], [mail NAME] or [command NAME]")]
    [InlineData("[webhook]", 1, "[webhook] is not [notify], [webhook NAME], [mail NAME] or [command NAME]")]
    public void An_invalid_value_is_an_error_with_its_line(string text, int line, string reason) =>
        _ = Read(text, $"{_file}:{line}: {reason}");

    [Fact]
    public void A_file_without_targets_is_an_error() =>
        _ = Read("", $"{_file}: has no target: neither [webhook NAME] nor [mail NAME] nor [command NAME]");

    [Fact]
    public void A_missing_file_is_an_error()
    {
        var problems = new List<ConfigurationProblem>();
        NotifySettingsReader.Read("/nonexistent/notify.conf", problems);
        Assert.Equal(["/nonexistent/notify.conf: does not exist"], problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void What_is_not_encrypted_or_not_known_is_a_warning()
    {
        var problems = new List<ConfigurationProblem>();
        File.WriteAllText(_file, "[webhook a]\nurl = http://example.org/\nurls = 1\n[webhook b]\nurl = http://127.0.0.1:8080/\n");
        File.SetUnixFileMode(_file, UnixFileMode.UserRead);
        Assert.Equal(2, NotifySettingsReader.Read(_file, problems).Targets.Count);
        Assert.All(problems, problem => Assert.True(problem.IsWarning));
        Assert.Equal(
            [
                $"{_file}:3: urls is not a setting of [webhook a]; did you mean 'url'?",
                $"{_file}:2: [webhook a] url: it is not encrypted: everyone on the way can read the messages, and the token; use https",
            ],
            problems.Select(problem => problem.ToString()));
    }

    private NotifySettings Read(string text, params string[] expected)
    {
        File.WriteAllText(_file, text);
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var problems = new List<ConfigurationProblem>();
        var settings = NotifySettingsReader.Read(_file, problems);
        Assert.Equal(expected, problems.Select(problem => problem.ToString()));
        return settings;
    }
}
