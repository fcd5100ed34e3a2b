using System.Text.RegularExpressions;
using Mandos.Bus.Messages;
using Mandos.Server.Bus.Interfaces;
using Mandos.Server.Tests.Clients;

namespace Mandos.Server.Tests.Bus;

/// <summary>What can be read on the bus.</summary>
public sealed partial class ReadingTests
{
    private const string Path = "/clients/testclient";

    [Fact]
    public async Task All_objects_have_the_interfaces_and_properties_of_the_original_with_their_types()
    {
        await using var server = await BusServer.StartAsync();
        var words = await server.CallAsync("/", Names.ObjectManager, "GetManagedObjects", null, BusWords.Of);
        // A line of the recording: name, type, value.
        var recorded = Golden.Text("dbus/managed-objects-testclient.txt").Split('\n').Select(l => l.Trim().Split(' '))
            .Where(l => l.Length > 1).Select(l => $"s\"{l[0]}\": {Letter(l[1])}").Distinct().ToArray();
        Assert.Equal(21, recorded.Length);
        foreach (var @interface in (string[])[Names.Client, Names.OldClient])
        {
            var block = words[words.IndexOf($"s\"{@interface}\": [", StringComparison.Ordinal)..];
            block = block[..block.IndexOf(']', StringComparison.Ordinal)];
            Assert.All(recorded, r => Assert.Contains(r, block, StringComparison.Ordinal));
            Assert.Equal(21, Property().Count(block));
        }

        Assert.Contains("s\"org.freedesktop.DBus.Properties\": []", words, StringComparison.Ordinal);
        Assert.Contains("s\"org.freedesktop.DBus.Introspectable\": []", words, StringComparison.Ordinal);
        Assert.Contains(
            "s\"dotnet.Mandos.Client\": [s\"SecretsGiven\": t0, s\"LastDisabled\": s\"\", s\"Maintenance\": s\"\"]", words,
            StringComparison.Ordinal);

        static char Letter(string type) => type switch
        {
            "UInt64" => 't',
            "Int16" => 'n',
            "Boolean" => 'b',
            "ObjectPath" => 'o',
            _ => 's',
        };
    }

    [Fact]
    public async Task The_properties_have_the_values_of_the_client()
    {
        await using var server = await BusServer.StartAsync();
        (string, string)[] expected =
        [
            ("ApprovalDelay", "t0"), ("ApprovalDuration", "t1000"), ("ApprovalPending", "b0"), ("ApprovedByDefault", "b1"),
            ("Checker", $"s\"{ClientStory.Template}\""),
            ("CheckerRunning", "b0"), ("Enabled", "b1"), ("ExtendedTimeout", "t900000"), ("Host", "s\"host.example\""),
            ("Interval", "t120000"),
            ("KeyID", $"s\"{BusServer.KeyOf("testclient").ToString().ToUpperInvariant()}\""), ("Fingerprint", "s\"\""),
            ("LastApprovalRequest", "s\"\""), ("LastCheckedOK", "s\"\""),
            ("LastCheckerStatus", "n-2"), ("Name", "s\"testclient\""), ("ObjectPath", $"o\"{Path}\""), ("Timeout", "t300000"),
        ];
        foreach (var (property, value) in expected)
        {
            Assert.Equal(value, await server.GetAsync(Path, Names.Client, property));
            Assert.Equal(value, await server.GetAsync(Path, Names.OldClient, property));
        }

        foreach (var time in (string[])["Created", "Expires", "LastEnabled"])
            Assert.Matches(@"^s""\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}""$", await server.GetAsync(Path, Names.Client, time));
    }

    [Fact]
    public async Task A_timestamp_at_a_full_second_still_has_six_decimal_digits()
    {
        await using var server = await BusServer.StartAsync();
        var client = new ClientObject(Path, server.Registry.Clients[0] with { Created = new(2026, 11, 23, 8, 0, 5, DateTimeKind.Utc) });
        await using var echo = await Mandos.Bus.Connections.BusConnection.ConnectAsync(
            server.Bus.Address, null, TimeProvider.System, BusServer.Token);
        var log = new TaskCompletionSource<string>();
        await using var match = await (await server.CallerAsync()).MatchAsync(
            new() { Member = "Echo" }, (_, r) => log.TrySetResult(BusWords.Of(r)), BusServer.Token);
        await echo.SendAsync(
            [
                new(
                    "/", "test.Interface", "Echo",
                    w => ClientProperties.WriteAll(w, client, [.. ClientProperties.Original.Where(p => p.Name == "Created")]))]);
        Assert.Equal("[s\"Created\": s\"2026-11-23T08:00:05.000000\"]", await log.Task.WaitAsync(BusServer.Patience, BusServer.Token));
    }

    [Fact]
    public async Task GetAll_without_interface_returns_all_and_for_an_unknown_one_nothing_and_never_the_secret()
    {
        await using var server = await BusServer.StartAsync();
        var all = await AllAsync("");
        Assert.Equal(24, Property().Count(all));
        Assert.Contains("s\"SecretsGiven\"", all, StringComparison.Ordinal);
        Assert.DoesNotContain("\"Secret\"", all, StringComparison.Ordinal);
        Assert.Equal(21, Property().Count(await AllAsync(Names.Client)));
        Assert.Equal(21, Property().Count(await AllAsync(Names.OldClient)));
        Assert.Equal("[]", await AllAsync("no.such.Interface"));

        Task<string> AllAsync(string @interface) =>
            server.CallAsync(Path, Names.Properties, "GetAll", w => w.WriteString(@interface), BusWords.Of);
    }

    [Fact]
    public async Task The_older_list_methods_exist_under_both_names()
    {
        await using var server = await BusServer.StartAsync(
            ((string[])["b", "a"]).Select(n => ClientStory.Definition(n, ClientStory.Settings)));
        foreach (var name in (string[])[Names.Server, Names.OldServer])
        {
            Assert.Equal("[o\"/clients/b\", o\"/clients/a\"]", await server.CallAsync("/", name, "GetAllClients", null, BusWords.Of));
            var words = await server.CallAsync("/", name, "GetAllClientsWithProperties", null, BusWords.Of);
            Assert.StartsWith("[o\"/clients/b\": [s\"ApprovalDelay\": t0, ", words, StringComparison.Ordinal);
            Assert.Equal(42, Property().Count(words));
        }
    }

    [Fact]
    public async Task The_server_publishes_its_own_properties()
    {
        await using var server = await BusServer.StartAsync();
        Assert.Equal(
            "[s\"Version\": s\"1.2.3\", s\"Address\": s\"::\", s\"Port\": q8888, s\"Interface\": s\"eth0\", s\"ServiceName\": "
                + "s\"Mandos\", s\"LogLevel\": s\"WARNING\", s\"SecretsGiven\": t0]",
            await server.CallAsync("/", Names.Properties, "GetAll", w => w.WriteString(Names.MoreServer), BusWords.Of));
        Assert.Equal("q8888", await server.GetAsync("/", Names.MoreServer, "Port"));
    }

    [Theory]
    [InlineData(Path, Names.Client, "Secret", BusErrors.AccessDenied)]
    [InlineData(Path, Names.Client, "Nothing", BusErrors.UnknownProperty)]
    [InlineData(Path, "no.such.Interface", "Name", BusErrors.UnknownInterface)]
    [InlineData("/clients/missing", Names.Client, "Name", BusErrors.UnknownObject)]
    [InlineData("/elsewhere", Names.Client, "Name", BusErrors.UnknownObject)]
    [InlineData("/", Names.MoreServer, "Nothing", BusErrors.UnknownProperty)]
    [InlineData("/", Names.Server, "Version", BusErrors.UnknownProperty)]
    [InlineData("/", "no.such.Interface", "Version", BusErrors.UnknownInterface)]
    public async Task Reading_an_unknown_property_returns_a_standard_error(string path, string @interface, string property, string error)
    {
        await using var server = await BusServer.StartAsync();
        var thrown = await Assert.ThrowsAsync<BusException>(() => server.GetAsync(path, @interface, property));
        Assert.Equal(error, thrown.Name);
        Assert.NotEqual("", thrown.Message);
    }

    [Theory]
    [InlineData("/", Names.Server, "Nothing", BusErrors.UnknownMethod)]
    [InlineData("/", "no.such.Interface", "Nothing", BusErrors.UnknownInterface)]
    [InlineData(Path, Names.Client, "Nothing", BusErrors.UnknownMethod)]
    [InlineData(Path, Names.Properties, "Nothing", BusErrors.UnknownMethod)]
    [InlineData(Path, Names.Client, "Approve", BusErrors.InvalidArguments)]
    [InlineData("/clients", Names.Introspectable, "Nothing", BusErrors.UnknownMethod)]
    public async Task Calling_an_unknown_method_returns_a_standard_error(string path, string @interface, string member, string error)
    {
        await using var server = await BusServer.StartAsync();
        Assert.Equal(error, (await Assert.ThrowsAsync<BusException>(() => server.CallAsync(path, @interface, member))).Name);
    }

    [GeneratedRegex("s\"[A-Za-z]+\": [a-z]")]
    private static partial Regex Property();
}
