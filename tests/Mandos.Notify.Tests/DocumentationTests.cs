namespace Mandos.Notify.Tests;

/// <summary>The manual pages and completions name what the program has.</summary>
public sealed class DocumentationTests
{
    private static readonly CommandLineDocuments Documents = new(
        "mandos-notify", "mandos-notify.8",
        [
            (["--config"], true), (["--check-config"], false), (["--test"], false), (["--json"], false),
            (["--help", "-h"], false), (["--usage"], false), (["--version", "-V"], false),
        ]);

    [Fact]
    public void The_manual_page_names_every_option() => Documents.AssertManualPage();

    [Fact]
    public void The_completion_of_bash_has_every_option() => Documents.AssertCompletion();

    [Fact]
    public void The_completions_of_other_shells_have_every_option() => Documents.AssertOtherShells();

    [Fact]
    public Task The_help_has_every_option() => Documents.AssertHelpAsync(RunAsync);

    [Theory]
    [InlineData("--bogus")]
    [InlineData("ops")]
    [InlineData("--config")]
    public Task An_invalid_command_line_is_an_error(string argument) => Documents.AssertRefusedAsync(RunAsync, argument);

    [Theory]
    [InlineData("pages")]
    [InlineData("url")]
    [InlineData("format")]
    [InlineData("secret")]
    [InlineData("token")]
    [InlineData("room")]
    [InlineData("to")]
    [InlineData("from")]
    [InlineData("sendmail")]
    [InlineData("command")]
    [InlineData("events")]
    public void Every_setting_is_documented(string name)
    {
        var page = File.ReadAllText(Path.Combine(Golden.Root, "docs", "man", "mandos-notify.conf.5"));
        Assert.Contains($"\n.B {name}\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_sends_to_the_named_targets_and_prints_the_results()
    {
        await using var receiver = await Receiver.StartAsync(200, 500);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                file, $"[webhook ops]\nurl = {receiver.Address}\n[webhook chat]\nurl = {receiver.Address}chat\n",
                TestContext.Current.CancellationToken);
            using var output = new StringWriter();
            using var error = new StringWriter();
            Assert.Equal(0, await RunAsync("ops"));
            Assert.Matches("^webhook ops: sent in [0-9]+ ms\n$", output.ToString());
            Assert.Contains("\"event\":\"test\"", Assert.Single(receiver.Requests).Text, StringComparison.Ordinal);
            Assert.Equal(1, await RunAsync("chat"));
            Assert.EndsWith("webhook chat: failed: the receiver answered HTTP 500\n", output.ToString(), StringComparison.Ordinal);
            receiver.Answer(500);
            output.GetStringBuilder().Clear();
            Assert.Equal(1, await RunAsync("ops", "--json"));
            Assert.Matches(
                """^\[\{"target":"webhookops","sent":false,"milliseconds":[0-9]+,"problem":"thereceiveransweredHTTP500"\}\]$""",
                System.Text.RegularExpressions.Regex.Replace(output.ToString(), "\\s", ""));
            Assert.Equal(1, await RunAsync("ntfy"));
            Assert.Equal(
                "mandos-notify: error: there is no target 'ntfy'\nhint: the configuration has 'webhook ops', 'webhook chat'\n",
                error.ToString());

            Task<int> RunAsync(params string[] rest) =>
                NotifyProgram.RunAsync(["--config", file, "--test", .. rest], output, error, _ => null);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error) =>
        NotifyProgram.RunAsync(arguments, output, error, _ => null);
}
