using System.Text;
using System.Text.Json;
using Mandos.Notify.Events;
using Mandos.Notify.Sending;

namespace Mandos.Notify.Tests;

/// <summary>Mail and commands. A script stands in for sendmail, which delivers nothing.</summary>
public sealed class ProgramTargetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mandos-notify").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Sendmail_gets_the_addresses_and_a_message()
    {
        var sendmail = Script("printf '%s\\n' \"$@\" >arguments; cat >message");
        Assert.Equal(SendOutcome.Sent, await MailAsync(sendmail, Messages.Of()));
        Assert.Equal("-i\n-f\nmandos@example.org\n--\nalice@example.org\nroot\n", Read("arguments"));
        var (head, body) = Split(Read("message"));
        Assert.Equal(
            """
            From: mandos@example.org
            To: alice@example.org,
             root
            Subject: [Mandos] web1 was disabled (server vault)
            Date: Mon, 30 Nov 2026 12:00:00 +0000
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: base64
            """,
            head);
        Assert.Equal(
            "web1 was disabled (server vault)\nlast successful check: never\nhttps://mandos.example/client?name=web1\n",
            Encoding.UTF8.GetString(Convert.FromBase64String(body)));
    }

    [Fact]
    public async Task A_long_subject_that_is_not_ASCII_is_folded()
    {
        var title = string.Concat(Enumerable.Repeat("Zoë 🔑 ", 20)).Trim();
        await MailAsync(Script("cat >message"), Messages.Of() with { Title = title });
        var (head, _) = Split(Read("message"));
        var (begin, end) = (head.IndexOf("Subject: ", StringComparison.Ordinal), head.IndexOf("\nDate:", StringComparison.Ordinal));
        var lines = head[begin..end].Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= 76 + "Subject: ".Length, line));
        var words = lines.Select(line => line.Replace("Subject: ", "", StringComparison.Ordinal).Trim());
        Assert.Equal(
            $"[Mandos] {title}",
            string.Concat(words.Select(word => Encoding.UTF8.GetString(Convert.FromBase64String(word["=?UTF-8?B?".Length..^2])))));
    }

    /// <summary>A name of a client with line ends adds no header.</summary>
    [Fact]
    public async Task A_title_cannot_add_a_header()
    {
        await MailAsync(Script("cat >message"), Messages.Of() with { Title = "a\nBcc: eve@example.org" });
        Assert.DoesNotContain("\nBcc:", Read("message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(75, true)]
    [InlineData(1, true)]
    [InlineData(67, false)]
    [InlineData(71, true)]
    [InlineData(78, false)]
    public async Task The_exit_status_decides_whether_another_attempt_may_succeed(int code, bool isTemporary)
    {
        var outcome = await MailAsync(Script($"echo one >&2; echo 'user unknown' >&2; exit {code}"), Messages.Of());
        Assert.Equal(new SendOutcome($"exit status {code}: user unknown", isTemporary, null), outcome);
    }

    /// <summary>One that ends with a test, as in 'test $MANDOS_EVENT = waiting &amp;&amp; …', must not run for a day.</summary>
    [Theory]
    [InlineData(75, true)]
    [InlineData(1, false)]
    [InlineData(127, false)]
    public async Task A_command_is_run_again_only_if_it_asks_for_that(int code, bool isTemporary)
    {
        var outcome = await CommandAsync($"exit {code}", Messages.Of());
        Assert.Equal(new SendOutcome($"exit status {code}", isTemporary, null), outcome);
    }

    [Fact]
    public async Task A_missing_sendmail_is_a_problem()
    {
        var outcome = await MailAsync("/nonexistent/sendmail", Messages.Of());
        Assert.StartsWith("/nonexistent/sendmail cannot be started: ", outcome.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_gets_the_message_in_its_environment_and_as_JSON()
    {
        var command = $"cd {_folder}; printf '%s\\n' \"$MANDOS_EVENT\" \"$MANDOS_CLIENT\" \"$MANDOS_TITLE\" >environment; cat >input";
        Assert.Equal(SendOutcome.Sent, await CommandAsync(command, Messages.Of(client: "$(touch planted)")));
        Assert.Equal("disabled\n$(touch planted)\n$(touch planted) was disabled (server vault)\n", Read("environment"));
        Assert.False(File.Exists(Path.Combine(_folder, "planted")));
        using var json = JsonDocument.Parse(Read("input"));
        Assert.Equal("0b7c", json.RootElement.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_command_that_ignores_its_input_and_prints_much_is_fine() =>
        Assert.Equal(SendOutcome.Sent, await CommandAsync("exec </dev/null; head -c 1000000 /dev/zero", Messages.Of()));

    [Fact]
    public async Task A_command_that_hangs_is_killed_when_the_program_stops()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = new CommandTarget(new("command a", Messages.All.ToHashSet(), $"echo $$ >{_folder}/pid; sleep 600 & wait"))
            .SendAsync(Messages.Of(), stop.Token);
        var pid = Path.Combine(_folder, "pid");
        while (!File.Exists(pid) || new FileInfo(pid).Length == 0)
            await Task.Delay(10, Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        while (Directory.Exists($"/proc/{Read("pid").Trim()}"))
            await Task.Delay(10, Token);
    }

    private Task<SendOutcome> MailAsync(string sendmail, Notification notification) =>
        new MailTarget(new("mail a", Messages.All.ToHashSet(), ["alice@example.org", "root"], "mandos@example.org", sendmail))
            .SendAsync(notification, Token);

    private static Task<SendOutcome> CommandAsync(string command, Notification notification) =>
        new CommandTarget(new("command a", Messages.All.ToHashSet(), command)).SendAsync(notification, Token);

    private string Script(string text)
    {
        var path = Path.Combine(_folder, "sendmail");
        File.WriteAllText(path, $"#!/bin/sh\ncd '{_folder}'\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    private string Read(string name) => File.ReadAllText(Path.Combine(_folder, name));

    private static (string Head, string Body) Split(string message)
    {
        var end = message.IndexOf("\n\n", StringComparison.Ordinal);
        return (message[..end], message[(end + 2)..]);
    }
}
