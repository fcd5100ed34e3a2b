using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Mandos.Core.Keys;
using Mandos.Core.Secrets;
using Mandos.Server.Checkers;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Checkers;

public sealed partial class CheckerCommandTests
{
    private static readonly DateTime Time = new DateTime(2026, 11, 23, 8, 0, 5, DateTimeKind.Utc).AddMicroseconds(179924);

    /// <summary>What is deliberately not the original's: these are refused, so that no value becomes a command.</summary>
    private static readonly string[] RefusedAlthoughExpandedByTheOriginal =
    [
        // All attributes at once as a dictionary of Python.
        "%s", "%r", "%5s", "%s and %(host)s",
        // Quotes cut off, or quoted once more.
        "%(host).3s|", "%(host)10.2s|", "%(host).0s|", "%(host).s|", "%(host)r", "%(host)a", "%(host)20r|",
    ];

    public static TheoryData<string> Recorded => [.. Recordings().Select(r => r.Name)];

    [Theory, MemberData(nameof(Recorded))]
    public void A_checker_command_expands_as_in_the_original(string name)
    {
        var recording = Recordings().Single(r => r.Name == name);
        using var client = Client(recording.Template, recording.Host, recording.Name);

        var expansion = CheckerCommand.Expand(client.State, $"/clients/{recording.Name}");

        var isRefused = RefusedAlthoughExpandedByTheOriginal.Contains(recording.Template)
            && !(ShellWord.IsPlain(recording.Host) && recording.Template.StartsWith("%(", StringComparison.Ordinal));
        Assert.Equal(
            isRefused ? null : recording.Command, expansion.Command is { } command ? TimePattern().Replace(command, "'TIME'") : null);
        Assert.Equal(expansion.Command is null, expansion.Problem is not null);
    }

    [Theory]
    [InlineData("ping %(nosuch)s %(host)s", "%(nosuch)s", "no such attribute; the attributes are approval_delay, approval_duration, ")]
    [InlineData("100%", "%", "it has no end; a literal percent sign is written '%%'")]
    [InlineData("%(host", "%(host", "it has no end")]
    [InlineData("%(timeout)d x", "%(timeout)d", "only '%(timeout)s' is possible")]
    [InlineData("50%ä", "%ä", "it names no attribute")]
    [InlineData("%(host)*s", "%(host)*", "only '%(host)s' is possible")]
    [InlineData("%(host)🔑s", "%(host)🔑", "only '%(host)s' is possible")]
    [InlineData("%(created).4s", "%(created).4s", "the value needs quotes, which would be lost")]
    [InlineData("%(host)99999999999s", "%(host)99999999999s", "it is wider than 4096 characters")]
    [InlineData("%(dbus_object_path)s", "%(dbus_object_path)s", "it is known only while the server uses D-Bus")]
    public void A_placeholder_that_cannot_be_expanded_is_reported_with_the_reason(string checker, string placeholder, string reason)
    {
        using var client = Client(checker, "192.0.2.7");

        var problem = CheckerCommand.Expand(client.State, dbusObjectPath: null).Problem;

        Assert.Equal(placeholder, problem?.Placeholder);
        Assert.StartsWith(reason, problem?.Reason, StringComparison.Ordinal);
        Assert.StartsWith($"'{placeholder}' in the checker: {reason}", problem?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%(created)s", "'2026-11-23 08:00:05.179924'")]
    [InlineData("%(last_enabled)s", "'2026-11-23 08:00:05'")]
    [InlineData("%(last_checked_ok)s", "None")]
    [InlineData("%(last_approval_request)s", "None")]
    [InlineData("%(expires)s", "'2026-11-23 08:00:05.179924'")]
    [InlineData("%(enabled)s", "True")]
    [InlineData("%(approval_duration)s", "0:00:01")]
    [InlineData("%(approval_delay)s", "'1 day, 2:03:00'")]
    public void Values_are_written_as_Python_writes_them(string checker, string command)
    {
        using var client = Client(checker, "");

        Assert.Equal(command, CheckerCommand.Expand(client.State, null).Command);
    }

    [Fact]
    public void The_values_of_a_disabled_client_without_a_key_are_expanded_too()
    {
        using var client = Client("%(enabled)s %(key_id)s %(expires)s", "");

        var state = client.State with { Enabled = false, KeyId = null, Expires = null };

        Assert.Equal("False '' None", CheckerCommand.Expand(state, null).Command);
    }

    [Fact]
    public void A_command_cannot_contain_a_NUL_character()
    {
        using var client = Client("ping %(host)s", "a\0b");

        Assert.NotNull(CheckerCommand.Expand(client.State, null).Problem);
    }

    [Fact]
    public void Any_value_is_quoted_as_one_shell_word() =>
        Gen.String.Where(s => !s.Contains('\0', StringComparison.Ordinal)).Sample(host =>
        {
            using var client = Client("[%(host)s]", host);
            var command = CheckerCommand.Expand(client.State, null).Command!;
            Assert.Equal(host, Unquoted(command[1..^1]));
        });

    [Fact]
    public void Any_checker_command_is_expanded_or_refused() =>
        Gen.OneOf(Gen.String, Gen.Char["%()shostname.10-rl "].Array[0, 30].Select(c => new string(c))).Sample(checker =>
        {
            using var client = Client(checker, "it's");
            var expansion = CheckerCommand.Expand(client.State, "/x");
            Assert.True(expansion.Command is null != expansion.Problem is null);
            Assert.True(
                expansion.Problem is null
                    || expansion.Problem.Placeholder == "\\0"
                    || checker.Contains(expansion.Problem.Placeholder, StringComparison.Ordinal));
        });

    [Theory]
    [InlineData("fping -q -- %(host)s", true, null)]
    [InlineData("%(dbus_object_path)s", true, null)]
    [InlineData("%(dbus_object_path)s", false, "%(dbus_object_path)s")]
    [InlineData("%(nosuch)s", true, "%(nosuch)s")]
    [InlineData("%(last_checked_ok).3s", true, "%(last_checked_ok).3s")]
    public void An_invalid_checker_is_found_before_the_server_starts(string checker, bool usesDBus, string? placeholder)
    {
        using var client = Client(checker, "host");
        var definition = new ClientDefinition("name", client.State.KeyId, "", client.State.Settings, Enabled: true, client.State.Secret);

        Assert.Equal(placeholder, CheckerCommand.Check(definition, usesDBus)?.Placeholder);
    }

    /// <summary>What a POSIX shell makes of a word of plain characters and quotes.</summary>
    private static string Unquoted(string word)
    {
        var result = new StringBuilder();
        char? quote = null;
        foreach (var c in word)
        {
            if (quote is null && c is '\'' or '"' && quote is null)
                quote = c;
            else if (c == quote)
                quote = null;
            else if (quote is null)
                result.Append(ShellWord.IsPlain(c.ToString()) ? c : throw new InvalidOperationException($"'{c}' is not quoted"));
            else
                result.Append(c);
        }

        Assert.Null(quote);
        return result.ToString();
    }

    private static Owned Client(string checker, string host, string name = "c000")
    {
        var key = Convert.ToHexStringLower(
            SHA256.HashData(
                Encoding.ASCII.GetBytes(int.Parse(name[1..], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture))));
        Assert.True(KeyId.TryParse(key, out var keyId));
        return new(new ClientState
        {
            Name = name,
            KeyId = keyId,
            Fingerprint = key[..40].ToUpperInvariant(),
            Settings = new ClientSettings
            {
                Host = host,
                Checker = checker,
                Timeout = new(TimeSpan.FromHours(1)),
                Interval = new(TimeSpan.FromSeconds(20)),
                ApprovalDelay = new(new TimeSpan(1, 2, 3, 0)),
                ApprovalDuration = new(TimeSpan.FromSeconds(1)),
            },
            Secret = new ClientSecret(new SecretBuffer(1)),
            Created = Time,
            Enabled = true,
            LastEnabled = Time.AddMicroseconds(-179924),
            Expires = new Moment(Time, TimeSpan.Zero),
        });
    }

    private static List<Recording> Recordings()
    {
        using var document = JsonDocument.Parse(Golden.Text("checkers/expansions.json"));
        return [.. document.RootElement.EnumerateArray().Select(e => new Recording(
            e.GetProperty("name").GetString()!, e.GetProperty("template").GetString()!, e.GetProperty("host").GetString()!,
            e.GetProperty("command").GetString()))];
    }

    /// <summary>With the original's microseconds or without.</summary>
    [GeneratedRegex(@"'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?'")]
    private static partial Regex TimePattern();

    private sealed record Recording(string Name, string Template, string Host, string? Command);

    private sealed class Owned(ClientState state) : IDisposable
    {
        internal ClientState State => state;

        public void Dispose() => state.Secret.Dispose();
    }
}
