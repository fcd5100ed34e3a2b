using System.Globalization;
using System.Text;
using System.Text.Json;
using Mandos.Core.Durations;
using Mandos.Core.Keys;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;
using Mandos.Server.Restoration;
using Mandos.Server.Store;
using Mandos.Server.Store.Import;

namespace Mandos.Interop.Servers;

/// <summary>What Debian's server saves when it is stopped, taken over by our store.</summary>
public sealed class OriginalStateTests : InteropTest
{
    private const int Others = 12;

    private readonly string _folder = Directory.CreateTempSubdirectory("mandos-state").FullName;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
        return base.DisposeAsync();
    }

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task Changes_to_clients_at_run_time_survive_the_switch_from_the_original(DebianRelease release)
    {
        var machine = await Lab.MachineAsync("server", release);
        var began = DateTime.UtcNow;
        await RunOriginalAsync(
            machine,
            $"""
            mandos-ctl --disable disabled
            mandos-ctl --timeout PT7M --interval PT3M --host 'other; host' --approval-delay PT10S changed
            printf 'at run time' >/tmp/secret; mandos-ctl --secret /tmp/secret changed
            printf 'at run time too' >/tmp/secret; mandos-ctl --secret /tmp/secret long
            mandos-ctl --bump-timeout checked
            mandos-ctl --remove removed
            """);
        await File.WriteAllBytesAsync(
            Path.Combine(_folder, OriginalStateFile.FileName), machine.ReadFile("/var/lib/mandos/clients.pickle"), Token);

        var clients = Restore(out var note);
        Assert.Contains($"the state of {Others + 5} clients was imported", note, StringComparison.Ordinal);
        Assert.DoesNotContain("removed", clients.Keys);
        Assert.False(clients["disabled"].Enabled);
        Assert.Null(clients["disabled"].Expires);
        Assert.True(clients["kept"].Enabled);
        Assert.Equal("kept", Text(clients["kept"]));
        Assert.InRange(clients["kept"].Created, began, DateTime.UtcNow);
        var changed = clients["changed"].Settings;
        Assert.Equal(
            (TimeSpan.FromMinutes(7), TimeSpan.FromMinutes(3), "other; host", TimeSpan.FromSeconds(10), "true"),
            (changed.Timeout.Value, changed.Interval.Value, changed.Host, changed.ApprovalDelay.Value, changed.Checker));
        Assert.Equal("at run time", Text(clients["changed"]));
        Assert.Equal("at run time too", Text(clients["long"]));
        Assert.NotNull(clients["checked"].LastCheckedOk);
        Assert.Equal(Others + 5, clients.Count);

        // And once more from our own store, which is all there is now.
        Assert.False(Restore(out note)["disabled"].Enabled);
        Assert.Null(note);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Changes_to_clients_survive_the_switch_back_to_the_original(DebianRelease release)
    {
        Assert.True(Restore(out _)["disabled"].Enabled);
        using (var store = SqliteClientStore.Open(_folder, TimeProvider.System, BootClock.OfSystem()))
        {
            var clients = store.Load().Clients.ToDictionary(
                c => c.State.Name, c => c.State with { Expires = Moment.Now(TimeProvider.System) + TimeSpan.FromHours(1) });
            var now = Moment.Now(TimeProvider.System);
            store.Save(
                [
                    clients["disabled"] with { Enabled = false, Expires = null },
                    clients["changed"] with
                    {
                        Settings = clients["changed"].Settings with
                        {
                            Host = "other; host",
                            Timeout = new Duration(TimeSpan.FromDays(1.5)),
                        },
                        Secret = new ClientSecret(SecretBuffer.CopyOf("lost"u8)),
                    },
                    clients["checked"] with { LastCheckedOk = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), LastCheckerStatus = 0 },
                    clients["kept"],
                    clients["long"],
                ],
                ["removed"],
                now);
            StateRestoration.LeaveForOriginal(store, now);
        }

        var machine = await Lab.MachineAsync("server", release);
        machine.WriteFile(
            "/var/lib/mandos/clients.pickle", await File.ReadAllBytesAsync(Path.Combine(_folder, OriginalStateFile.FileName), Token));
        await machine.ShellAsync("chown _mandos: /var/lib/mandos/clients.pickle", Token);
        await RunOriginalAsync(machine, "mandos-ctl --dump-json >/tmp/clients.json");
        using var told = JsonDocument.Parse(machine.ReadFile("/tmp/clients.json"));
        string Tell(string client, string property) => told.RootElement.GetProperty(client).GetProperty(property).ToString();
        Assert.Equal("False", Tell("disabled", "Enabled"));
        Assert.Equal("True", Tell("kept", "Enabled"));
        Assert.Equal("True", Tell("long", "Enabled"));
        Assert.Equal("other; host", Tell("changed", "Host"));
        Assert.Equal("129600000", Tell("changed", "Timeout"));
        Assert.StartsWith("2026-01-02T03:04:05", Tell("checked", "LastCheckedOK"), StringComparison.Ordinal);
        Assert.False(told.RootElement.TryGetProperty("removed", out _));
    }

    /// <summary>From its start to its clean stop, with an administrator in between.</summary>
    private static async Task RunOriginalAsync(Machine machine, string commands)
    {
        await SystemBus.StartLogSinkAsync(machine, Token);
        await SystemBus.StartAsync(machine, Token);
        machine.WriteFile("/etc/mandos/mandos.conf", "[DEFAULT]\nport = 8888\nzeroconf = no\n", (UnixFileMode)0b110_100_100);
        machine.WriteFile(
            "/etc/mandos/clients.conf", "[DEFAULT]\nchecker = true\n" + string.Concat(Names.Select(Section)), (UnixFileMode)0b110_100_100);
        var server = machine.Start(new(), Implementation.Original.Server, "--configdir=/etc/mandos", "--foreground");
        await machine.WaitForListenerAsync(8888, TimeSpan.FromSeconds(60), Token, server);
        await machine.ShellAsync(commands, Token);
        await machine.ShellAsync("pkill -TERM -o -f /usr/sbin/mandos", Token);
        // It encrypts each secret by gpg.
        await server.WaitAsync(TimeSpan.FromSeconds(120), Token);
    }

    private static IEnumerable<string> Names =>
        ["kept", "disabled", "changed", "removed", "long", "checked",
            .. Enumerable.Range(0, Others).Select(i => string.Create(CultureInfo.InvariantCulture, $"other-{i}"))];

    private static string Section(string name) =>
        $"[{name}]\nkey_id = {Key(name)}\nfingerprint = {new string('0', 40)}\nhost = host\nsecret = "
            + $"{Convert.ToBase64String(Secret(name))}\n";

    private static KeyId Key(string name) => KeyId.FromSubjectPublicKeyInfo(Encoding.UTF8.GetBytes(name));

    /// <summary>One is too long for a hexadecimal passphrase, and has all the bytes that are escaped then.</summary>
    private static byte[] Secret(string name) =>
        name == "long" ? [.. Enumerable.Range(0, 1500).Select(i => (byte)i)] : Encoding.UTF8.GetBytes(name);

    private static string Text(ClientState client) => Encoding.UTF8.GetString(client.Secret.Memory.Span);

    /// <summary>As a start of our server does.</summary>
    private Dictionary<string, ClientState> Restore(out string? note)
    {
        var settings = new ClientSettings
        {
            Host = "host",
            Checker = "true",
            Timeout = new Duration(TimeSpan.FromMinutes(5)),
            ExtendedTimeout = new Duration(TimeSpan.FromMinutes(15)),
            Interval = new Duration(TimeSpan.FromMinutes(2)),
            ApprovalDuration = new Duration(TimeSpan.FromSeconds(1)),
            ApprovedByDefault = true,
        };
        var definitions = Names.Select(
            name =>
                new ClientDefinition(
                    name, Key(name), new string('0', 40), settings, Enabled: true, new ClientSecret(SecretBuffer.CopyOf(Secret(name)))));
        using var store = SqliteClientStore.Open(_folder, TimeProvider.System, BootClock.OfSystem());
        var now = Moment.Now(TimeProvider.System);
        var start = StateRestoration.Begin(store, new([.. definitions], new HashSet<string>()), now);
        var clients = start.Plan.Steps.Cast<ReconciliationStep.Add>().Select(a => a.State).ToList();
        store.Replace(clients, start.Plan.Origin.Configured, now);
        start.Complete();
        note = start.Note;
        return clients.ToDictionary(c => c.Name);
    }
}
