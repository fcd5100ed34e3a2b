using Mandos.Bus.Messages;
using Mandos.Server.Bus.Interfaces;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Tests.Bus;

/// <summary>What the methods of the server itself do: clients are added and removed, the log level is set, files are reloaded.</summary>
public sealed class ServerMethodTests
{
    private const string Path = "/clients/testclient";

    [Fact]
    public async Task A_client_is_removed_by_its_path_and_an_unknown_path_is_an_error()
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        foreach (var path in (string[])["/clients/missing", "/", "/clients"])
            Assert.Equal(BusErrors.UnknownObject, (await Assert.ThrowsAsync<BusException>(() => RemoveAsync(path))).Name);
        await RemoveAsync(Path);
        Assert.Empty(server.Registry.Clients);
        Assert.Equal(
            [
                $"/ {Names.ObjectManager}.InterfacesRemoved o\"{Path}\" [s\"{Names.Introspectable}\", s\"{Names.Properties}\", "
                    + $"s\"{Names.Client}\", s\"{Names.OldClient}\", s\"{Names.MoreClient}\"]",
                $"/ {Names.Server}.ClientRemoved o\"{Path}\" s\"testclient\"",
                $"/ {Names.OldServer}.ClientRemoved o\"{Path}\" s\"testclient\"",
            ],
            await signals.UntilAsync($"{Names.OldServer}.ClientRemoved"));
        Assert.Equal(
            BusErrors.UnknownObject, (await Assert.ThrowsAsync<BusException>(() => server.GetAsync(Path, Names.Client, "Name"))).Name);

        Task RemoveAsync(string path) => server.CallAsync("/", Names.Server, "RemoveClient", w => w.WriteObjectPath(path));
    }

    [Fact]
    public async Task A_client_added_on_the_bus_gets_the_defaults_of_the_file_for_omitted_properties()
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        var key = new string('A', 64);
        var path = await server.AddAsync(
            "new one", "secret"u8.ToArray(), ("KeyID", "s", w => w.WriteString(key)), ("Timeout", "t", w => w.WriteUInt64(60000)),
            ("Enabled", "b", w => w.WriteBoolean(false)));
        Assert.Equal("/clients/new_20one", path);
        var state = server.Registry.Find("new one")!;
        Assert.Equal("secret"u8, state.Secret.Memory.Span);
        Assert.Equal(
            (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15), "fping -q -- %(host)s", false),
            (state.Settings.Timeout.Value, state.Settings.ExtendedTimeout.Value, state.Settings.Checker, state.Enabled));
        Assert.Equal($"s\"{key}\"", await server.GetAsync(path, Names.Client, "KeyID"));
        Assert.Equal(
            [$"{Names.ObjectManager}.InterfacesAdded", $"{Names.Server}.ClientAdded", $"{Names.OldServer}.ClientAdded"],
            (await signals.UntilAsync($"{Names.OldServer}.ClientAdded")).Select(l => l.Split(' ')[1]));
    }

    [Fact]
    public async Task Properties_of_a_new_client_may_be_nested_variants_like_those_set_later()
    {
        await using var server = await BusServer.StartAsync();
        BusBody Wrapped(string type, BusBody value) => w =>
        {
            w.OpenVariant("v");
            w.OpenVariant(type);
            value(w);
            w.Close();
            w.Close();
        };
        await server.AddAsync(
            "other", [1], ("KeyID", "v", Wrapped("s", w => w.WriteString(new string('a', 64)))),
            ("ApprovedByDefault", "v", Wrapped("b", w => w.WriteBoolean(false))),
            ("Timeout", "v", Wrapped("t", w => w.WriteUInt64(1000))), ("Host", "s", w => w.WriteString("host")));
        var settings = server.Registry.Find("other")!.Settings;
        Assert.Equal((false, TimeSpan.FromSeconds(1), "host"), (settings.ApprovedByDefault, settings.Timeout.Value, settings.Host));
        await server.SetAsync("/clients/other", Names.Client, "Host", "v", Wrapped("s", w => w.WriteString("deep")));
        Assert.Equal("s\"deep\"", await server.GetAsync("/clients/other", Names.Client, "Host"));
    }

    [Fact]
    public async Task While_the_server_stops_changes_fail_and_reads_succeed()
    {
        await using var server = await BusServer.StartAsync();
        await server.StopDecidingAsync();
        (string, string, BusBody) key = ("KeyID", "s", w => w.WriteString(new string('a', 64)));
        foreach (var change in (Func<Task>[])
        [
            () => server.CallAsync(Path, Names.Client, "Disable"),
            () => server.SetAsync(Path, Names.Client, "Host", "s", w => w.WriteString("other")),
            () => server.SetAsync(Path, Names.Client, "Secret", "ay", w => w.WriteBytes([1])),
            () => server.CallAsync("/", Names.Server, "RemoveClient", w => w.WriteObjectPath(Path)),
            () => server.AddAsync("other", [1], key),
        ])
        {
            var thrown = await Assert.ThrowsAsync<BusException>(change);
            Assert.Equal((BusErrors.Failed, "the server is stopping"), (thrown.Name, thrown.Message));
        }

        Assert.Equal("b1", await server.GetAsync(Path, Names.Client, "Enabled"));
    }

    [Fact]
    public async Task An_invalid_client_is_not_added()
    {
        await using var server = await BusServer.StartAsync();
        (string, string, BusBody) key = ("KeyID", "s", w => w.WriteString(new string('a', 64)));
        await RefusedAsync("client [testclient] already exists", "testclient", key);
        await RefusedAsync(
            "client [testclient] has the same key ID", "other",
            ("KeyID", "s", w => w.WriteString(BusServer.KeyOf("testclient").ToString())));
        await RefusedAsync("KeyID is missing", "other");
        await RefusedAsync(
            "'xyz' does not have 64 hex digits, or is the hash of empty data", "other", ("KeyID", "s", w => w.WriteString("xyz")));
        await RefusedAsync(
            "'Nothing' is not a property that a new client can have", "other", key, ("Nothing", "s", w => w.WriteString("")));
        await RefusedAsync("KeyID is given twice", "other", key, key);
        await RefusedAsync("Interval must be greater than zero", "other", key, ("Interval", "t", w => w.WriteUInt64(0)));
        await RefusedAsync("a name must have 1 to 255 bytes and no control characters, and must not be DEFAULT", "a\nb", key);
        await RefusedAsync("a name must have 1 to 255 bytes and no control characters, and must not be DEFAULT", "", key);
        Assert.Single(server.Registry.Clients);

        async Task RefusedAsync(string reason, string name, params (string, string, BusBody)[] properties)
        {
            var thrown = await Assert.ThrowsAsync<BusException>(() => server.AddAsync(name, [1], properties));
            Assert.Equal((BusErrors.InvalidArguments, reason), (thrown.Name, thrown.Message));
        }
    }

    [Fact]
    public async Task The_log_level_can_be_set_but_only_to_an_existing_level()
    {
        await using var server = await BusServer.StartAsync();
        var signals = await server.ListenAsync();
        await server.CallAsync("/", Names.MoreServer, "SetLogLevel", w => w.WriteString("debug"));
        Assert.Equal(LogLevel.Debug, server.Threshold.Level);
        Assert.Equal("s\"DEBUG\"", await server.GetAsync("/", Names.MoreServer, "LogLevel"));
        // Before the answer, and once.
        await server.CallAsync("/", Names.MoreServer, "SetLogLevel", w => w.WriteString("DEBUG"));
        Assert.Equal([$"/ {Names.Properties}.PropertiesChanged s\"{Names.MoreServer}\" [s\"LogLevel\": s\"DEBUG\"] []"], signals.Lines);
        Assert.Equal(
            BusErrors.InvalidArguments,
            (
                await Assert.ThrowsAsync<BusException>(
                    () => server.CallAsync("/", Names.MoreServer, "SetLogLevel", w => w.WriteString("loud")))).Name);
        var readOnly = await Assert.ThrowsAsync<BusException>(
            () => server.SetAsync("/", Names.MoreServer, "LogLevel", "s", w => w.WriteString("INFO")));
        Assert.Equal(BusErrors.PropertyReadOnly, readOnly.Name);
    }

    [Fact]
    public async Task The_configuration_is_reloaded_on_request()
    {
        await using var server = await BusServer.StartAsync();
        await server.CallAsync("/", Names.MoreServer, "Reload");
        Assert.Equal(1, server.Reloads);
    }
}
