using Mandos.Bus.Messages;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Secrets;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Tests.Clients;

namespace Mandos.Server.Tests.Bus;

/// <summary>What can be changed of a client on the bus, and what cannot.</summary>
public sealed class ClientChangeTests
{
    private const string Path = "/clients/testclient";

    [Theory]
    [InlineData("ApprovalDelay", 't', "t5000")]
    [InlineData("ApprovalDuration", 'u', "t5000")]
    [InlineData("ExtendedTimeout", 'x', "t5000")]
    [InlineData("Interval", 'i', "t5000")]
    [InlineData("Timeout", 'q', "t5000")]
    [InlineData("ApprovedByDefault", 'b', "b0")]
    [InlineData("Enabled", 'b', "b0")]
    [InlineData("Host", 's', "s\"text\"")]
    [InlineData("Checker", 's', "s\"text\"")]
    public async Task A_property_has_its_new_value_when_the_set_call_returns(string property, char type, string expected)
    {
        await using var server = await BusServer.StartAsync();
        foreach (var @interface in (string[])[Names.OldClient, Names.Client])
        {
            await server.SetAsync(Path, @interface, property, type.ToString(), w => Write(w, type));
            Assert.Equal(expected, await server.GetAsync(Path, Names.Client, property));
        }

        static void Write(BusWriter w, char type)
        {
            switch (type)
            {
                case 't':
                    w.WriteUInt64(5000);
                    break;
                case 'u':
                    w.WriteUInt32(5000);
                    break;
                case 'x':
                    w.WriteInt64(5000);
                    break;
                case 'i':
                    w.WriteInt32(5000);
                    break;
                case 'q':
                    w.WriteUInt16(5000);
                    break;
                case 'b':
                    w.WriteBoolean(false);
                    break;
                default:
                    w.WriteString("text");
                    break;
            }
        }
    }

    [Fact]
    public async Task A_new_secret_is_set_and_its_value_is_not_signalled()
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        await server.SetAsync(Path, Names.Client, "Secret", "ay", w => w.WriteBytes("new"u8));
        Assert.Equal("new"u8, server.Registry.Find("testclient")!.Secret.Memory.Span);
        Assert.Equal(
            [$"{Path} {Names.Properties}.PropertiesChanged s\"{Names.Client}\" [] [s\"Secret\"]"],
            await signals.UntilAsync("Secret"));
    }

    /// <summary>It is taken all the same.</summary>
    [Theory]
    [InlineData("C10103D20101", null)]
    [InlineData("C10103D20901", "is truncated: packet 2 (type 18) lacks at least 8 bytes")]
    [InlineData("D20101", "has no recipient: no key can decrypt it")]
    [InlineData("78", "is not an OpenPGP message")]
    [InlineData("", "is empty")]
    public async Task A_secret_that_no_client_can_use_is_a_warning_in_the_log(string secret, string? fault)
    {
        await using var server = await BusServer.StartAsync();
        var bytes = Convert.FromHexString(secret);

        await server.SetAsync(Path, Names.Client, "Secret", "ay", w => w.WriteBytes(bytes));
        await server.AddAsync("other", bytes, ("KeyID", "s", w => w.WriteString(new string('a', 64))));

        Assert.All(server.Registry.Clients, c => Assert.Equal(bytes, c.Secret.Memory.ToArray()));
        var caller = (await server.CallerAsync()).UniqueName;
        string[] expected = fault is null ? [] : [Warning($"Set Secret on {Path}"), Warning("AddClient [other]")];
        Assert.Equal(expected, server.Log.Lines.Where(l => l.Contains("the secret ", StringComparison.Ordinal)));

        string Warning(string request) =>
            $"Warning: {caller} on the bus: {request}: the secret {fault}; the client may not be able to use it";
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-23T08:00:00")]
    public async Task Any_value_written_to_LastCheckedOK_means_now(string value)
    {
        await using var server = await BusServer.StartAsync();
        await server.SetAsync(Path, Names.Client, "LastCheckedOK", "s", w => w.WriteString(value));
        Assert.NotNull(server.Registry.Find("testclient")!.LastCheckedOk);
        Assert.Equal("n0", await server.GetAsync(Path, Names.Client, "LastCheckerStatus"));
    }

    [Theory]
    [InlineData("CheckedOK", "LastCheckerStatus", "n0")]
    [InlineData("Disable", "Enabled", "b0")]
    [InlineData("Enable", "Enabled", "b1")]
    [InlineData("StartChecker", "CheckerRunning", "b1")]
    [InlineData("StopChecker", "CheckerRunning", "b0")]
    public async Task The_methods_of_a_client_work_under_both_interface_names_and_without_one(
        string method, string property, string expected)
    {
        await using var server = await BusServer.StartAsync();
        foreach (var @interface in (string?[])[Names.OldClient, Names.Client, null])
        {
            await server.CallAsync(Path, @interface, method);
            Assert.Equal(expected, await server.GetAsync(Path, Names.Client, property));
        }
    }

    [Theory]
    [InlineData("Name", "s", BusErrors.PropertyReadOnly)]
    [InlineData("Expires", "s", BusErrors.PropertyReadOnly)]
    [InlineData("Nothing", "s", BusErrors.UnknownProperty)]
    [InlineData("Enabled", "s", BusErrors.InvalidArguments)]
    [InlineData("Host", "t", BusErrors.InvalidArguments)]
    [InlineData("Timeout", "s", BusErrors.InvalidArguments)]
    [InlineData("Secret", "s", BusErrors.InvalidArguments)]
    public async Task Setting_an_invalid_property_or_type_returns_a_standard_error(string property, string type, string error)
    {
        await using var server = await BusServer.StartAsync();
        var thrown = await Assert.ThrowsAsync<BusException>(() => server.SetAsync(Path, Names.Client, property, type, w =>
        {
            if (type == "s")
                w.WriteString("text");
            else
                w.WriteUInt64(1);
        }));
        Assert.Equal(error, thrown.Name);
    }

    [Fact]
    public async Task Maintenance_begins_and_ends_and_is_signalled_on_our_interface()
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        Assert.Equal("s\"\"", await server.GetAsync(Path, Names.MoreClient, "Maintenance"));
        await server.CallAsync(Path, Names.MoreClient, "Maintain", w => w.WriteUInt64(3_600_000));
        Assert.NotEqual("s\"\"", await server.GetAsync(Path, Names.MoreClient, "Maintenance"));
        await server.CallAsync(Path, Names.MoreClient, "Maintain", w => w.WriteUInt64(0));
        Assert.Equal("s\"\"", await server.GetAsync(Path, Names.MoreClient, "Maintenance"));
        await signals.UntilAsync($"PropertiesChanged s\"{Names.MoreClient}\" [s\"Maintenance\": s\"\"]");
        Assert.DoesNotContain(signals.Lines, line => line.Contains("PropertyChanged s\"Maintenance\"", StringComparison.Ordinal));

        var tooLong = await Assert.ThrowsAsync<BusException>(
            () => server.CallAsync(Path, Names.MoreClient, "Maintain", w => w.WriteUInt64(7 * 86_400_000 + 1)));
        Assert.Equal((BusErrors.InvalidArguments, "maintenance takes at most 7 days"), (tooLong.Name, tooLong.Message));
        await server.CallAsync(Path, Names.Client, "Disable");
        var disabled = await Assert.ThrowsAsync<BusException>(
            () => server.CallAsync(Path, Names.MoreClient, "Maintain", w => w.WriteUInt64(1000)));
        Assert.Equal("client [testclient] is disabled; enable it first", disabled.Message);
    }

    [Fact]
    public async Task Values_beyond_the_limits_are_refused_with_the_reason_and_change_nothing()
    {
        await using var server = await BusServer.StartAsync();
        await RefusedAsync("Interval", "t", w => w.WriteUInt64(0), "Interval must be greater than zero");
        await RefusedAsync("Timeout", "t", w => w.WriteUInt64(ulong.MaxValue), "Timeout is too long: 18446744073709551615 ms");
        await RefusedAsync("Timeout", "i", w => w.WriteInt32(-1), "Timeout cannot be negative: -1");
        await RefusedAsync("Host", "s", w => w.WriteString(new string('x', 1025)), "Host can have at most 1024 characters, not 1025");
        await RefusedAsync("Checker", "s", w => w.WriteString(new string('x', 65537)), "Checker can have at most 65536 characters, not 65537");
        await RefusedAsync(
            "Secret", "ay", w => w.WriteBytes(new byte[PasswordLimits.LargestMessage + 1]), "at most 8388608 bytes are accepted");
        var settings = server.Registry.Find("testclient")!.Settings;
        Assert.Equal(ClientStory.Settings, settings);

        async Task RefusedAsync(string property, string type, BusBody value, string reason)
        {
            var thrown = await Assert.ThrowsAsync<BusException>(() => server.SetAsync(Path, Names.Client, property, type, value));
            Assert.Equal((BusErrors.InvalidArguments, reason), (thrown.Name, thrown.Message));
        }
    }

    [Fact]
    public async Task The_longest_possible_duration_is_accepted()
    {
        await using var server = await BusServer.StartAsync();
        await server.SetAsync(Path, Names.Client, "Timeout", "t", w => w.WriteUInt64(922337203685477));
        Assert.Equal("t922337203685477", await server.GetAsync(Path, Names.Client, "Timeout"));
        Assert.StartsWith("s\"9999-12-31T", await server.GetAsync(Path, Names.Client, "Expires"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_is_logged_with_the_user_and_process_that_made_it()
    {
        await using var server = await BusServer.StartAsync(enabled: false);
        var us =
            $"on the bus by uid {Credentials.EffectiveUser} ({UserAccount.Find(Credentials.EffectiveUser)?.Name}), process "
                + $"{Environment.ProcessId}";

        await server.CallAsync(Path, Names.Client, "Enable");
        await server.SetAsync(Path, Names.Client, "Host", "s", w => w.WriteString("h.example"));
        server.Store.IsFull = true;
        await Assert.ThrowsAsync<BusException>(() => server.CallAsync(Path, Names.Client, "CheckedOK"));

        // The line follows the answer.
        await server.StopAsync();
        string[] lines = [.. server.Log.Lines.Where(l => l.Contains("by uid", StringComparison.Ordinal))];
        Assert.Equal(3, lines.Length);
        Assert.All(lines, l => Assert.Contains(us, l, StringComparison.Ordinal));
        Assert.Contains(
            lines,
            l =>
                l.StartsWith("Information: client [testclient]: ", StringComparison.Ordinal)
                    && l.Contains("Enable", StringComparison.Ordinal));
        Assert.Contains(
            lines,
            l =>
                l.StartsWith("Information: client [testclient]: ", StringComparison.Ordinal)
                    && l.Contains("Host", StringComparison.Ordinal));
        Assert.Contains(
            lines,
            l =>
                l.StartsWith("Warning: client [testclient]: ", StringComparison.Ordinal)
                    && l.Contains("refused: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_that_cannot_be_saved_fails_with_the_reason()
    {
        await using var server = await BusServer.StartAsync(enabled: false);
        server.Store.IsFull = true;
        var thrown = await Assert.ThrowsAsync<BusException>(() => server.CallAsync(Path, Names.Client, "Enable"));
        Assert.Equal(BusErrors.Failed, thrown.Name);
        Assert.Contains("no space left on device", thrown.Message, StringComparison.Ordinal);
        Assert.Equal("b0", await server.GetAsync(Path, Names.Client, "Enabled"));
    }
}
