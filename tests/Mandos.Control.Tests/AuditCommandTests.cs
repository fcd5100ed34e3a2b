using Mandos.Control.Hosting;
using Mandos.Core.Audit;

namespace Mandos.Control.Tests;

/// <summary><c>mandos-ctl audit</c> and <c>mandos-ctl history</c>, with a trail as the server writes it.</summary>
public sealed class AuditCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mandos-audit-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task History_prints_what_happened_to_a_client()
    {
        Write();
        var (code, output, error) = await RunAsync("history", "web1");
        Assert.Equal((0, ""), (code, error));
        Assert.Matches("^[-0-9]{10} [:0-9]{8} client \\[web1\\]: added\n[-0-9]{10} [:0-9]{8} client \\[web1\\]: disabled\n$", output);
    }

    [Fact]
    public async Task Show_prints_all_records_as_JSON_too()
    {
        Write();
        var (code, output, _) = await RunAsync("audit", "show", "--json");
        Assert.Equal(0, code);
        var lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Equal(
            """
            {"number":4,"time":"2026-03-01T12:00:00.000000Z","server":"alpha","event":"Disabled","fields":{"client":"web1"},
            """ + "\"text\":\"client [web1]: disabled\"}", lines[3]);
    }

    [Fact]
    public async Task Verify_reports_a_complete_trail_and_a_changed_one()
    {
        Write();
        var (code, output, _) = await RunAsync("audit", "verify");
        Assert.Equal(0, code);
        Assert.StartsWith("ok: records 1 to 4, none is missing or changed; the last is of ", output, StringComparison.Ordinal);

        var path = Path.Combine(_directory, AuditFiles.Current);
        await File.WriteAllTextAsync(
            path, (await File.ReadAllTextAsync(path, Token)).Replace("[web2]: added", "[web3]: added", StringComparison.Ordinal), Token);
        (code, output, _) = await RunAsync("audit", "verify");
        Assert.Equal(
            (1, "error: audit.jsonl:3: record 3 was changed\n"
                + "the audit trail is not as the server wrote it; compare it with a copy, or with the log\n"),
            (code, output));
        (code, output, _) = await RunAsync("audit", "verify", "--json");
        Assert.Equal(1, code);
        Assert.Contains("\"fault\": \"changed\"", output, StringComparison.Ordinal);
        (code, _, var error) = await RunAsync("history", "web1");
        Assert.Equal((0, "mandos-ctl: warning: the audit trail is not complete; see 'mandos-ctl audit verify'\n"), (code, error));
    }

    [Fact]
    public async Task A_torn_write_is_a_note()
    {
        Write();
        await File.AppendAllTextAsync(Path.Combine(_directory, AuditFiles.Current), "{\"number\":5,", Token);
        var (code, output, _) = await RunAsync("audit", "verify");
        Assert.Equal(0, code);
        Assert.StartsWith("note: audit.jsonl:5: the last line is incomplete, as after a power failure", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audit", "mandos-ctl audit: error: needs verify or show")]
    [InlineData("audit nonsense", "mandos-ctl audit: error: unknown action 'nonsense', not verify or show")]
    [InlineData("audit verify web1", "mandos-ctl audit: error: verify takes no names of clients")]
    [InlineData("history", "mandos-ctl history: error: needs the name of a client")]
    public async Task Wrong_arguments_are_usage_errors(string arguments, string message)
    {
        Write();
        var (code, output, error) = await RunAsync(arguments.Split(' '));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message.Split(": error: ")[1], error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_trail_the_error_says_so()
    {
        Assert.Equal(
            (1, "", $"mandos-ctl: error: there is no audit trail in {_directory}\n"
                + "hint: it is written by the server of this package, unless mandos.conf says audit = False\n"),
            await RunAsync("audit", "verify"));
        Write();
        var (code, _, error) = await RunAsync("history", "unknown");
        Assert.Equal(
            (1, "mandos-ctl: error: the audit trail has no record about unknown\n"
                + "hint: see 'mandos-ctl list' for the names of the clients\n"), (code, error));
        var missing = await InvokeAsync("history", "web1", $"--statedir={_directory}/missing");
        Assert.Equal(1, missing.Code);
        Assert.StartsWith(
            $"mandos-ctl: error: cannot read the audit trail in {_directory}/missing: ", missing.Error, StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        InvokeAsync([.. arguments, $"--statedir={_directory}"]);

    private void Write()
    {
        var hash = AuditRecord.NoHash;
        var number = 0;
        foreach (var (name, client, text) in ((string, string, string)[])[
            (AuditRecord.Begin, "", "the audit trail begins in this file"), ("Added", "web1", "added"), ("Added", "web2", "added"),
            ("Disabled", "web1", "disabled")])
        {
            var record = new AuditRecord
            {
                Number = ++number,
                Time = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
                Server = "alpha",
                Event = name,
                Text = client.Length == 0 ? text : $"client [{client}]: {text}",
                Fields = client.Length == 0 ? [new(AuditRecord.Previous, hash)] : [new("client", client)],
            };
            File.AppendAllBytes(Path.Combine(_directory, AuditFiles.Current), record.Format(hash, out hash));
        }

        File.WriteAllBytes(Path.Combine(_directory, AuditFiles.Head), AuditFiles.FormatHead(number, hash));
    }

    private static async Task<(int Code, string Output, string Error)> InvokeAsync(params IReadOnlyList<string> arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var environment = new ControlEnvironment { Output = output, Error = error, Variable = _ => null };
        var code = await new ControlProgram(environment).RunAsync(arguments, Token);
        return (code, output.ToString(), error.ToString());
    }
}
