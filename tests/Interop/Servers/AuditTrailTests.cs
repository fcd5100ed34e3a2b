using System.Text.Json;

namespace Mandos.Interop.Servers;

/// <summary>The audit trail of our server, as mandos-ctl reads it: who did what, over kill -9 and with forged records.</summary>
public sealed class AuditTrailTests : InteropTest
{
    private const string Trail = "/var/lib/mandos/audit.jsonl";

    [Fact]
    public async Task Decisions_and_who_made_them_are_recorded_and_a_forged_record_is_found()
    {
        var machine = await BusMachine.MakeAsync(Lab, DebianRelease.Trixie, Implementation.Ours);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        var stanza = await keys.StanzaAsync(machine, Password.Plain, Token, "web1");
        var options = new ServerOptions { Clients = $"{stanza}checker = sleep 1000\n", Bus = true };
        var server = await MandosServer.StartAsync(machine, Implementation.Ours, options, Token);
        var bus = new BusMachine(machine, server, Token);
        await bus.WaitForNameAsync();
        Assert.Equal(Password.Plain, (await FetchAsync(machine)).OrThrow().Output);
        (await ControlAsync(bus, "disable", "web1")).OrThrow();
        _ = await FetchAsync(machine, "--test", "--time-limit=3");
        await WaitForAsync(bus, "it is disabled");

        // Whatever ends the server, what was recorded is there.
        server.Process.Signal("KILL");
        _ = await server.Process.WaitAsync(TimeSpan.FromSeconds(20), Token);
        var again = await MandosServer.StartAgainAsync(machine, Implementation.Ours, options, Token);
        await new BusMachine(machine, again, Token).WaitForNameAsync();
        (await ControlAsync(bus, "enable", "web1")).OrThrow();
        await WaitForAsync(bus, "web1\\]: enabled");
        Assert.StartsWith("ok: records 1 to ", (await ControlAsync(bus, "audit", "verify")).OrThrow().Text, StringComparison.Ordinal);
        Assert.Equal("600 _mandos _mandos\n", await machine.ShellAsync($"stat -c '%a %U %G' {Trail}", Token));

        var records = (await ControlAsync(bus, "history", "web1", "--json")).OrThrow().Text.TrimEnd('\n').Split('\n')
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Superset(
            new HashSet<string> { "Delivered", "ChangedByUser", "Disabled", "Refused", "Enabled" },
            records.Select(record => record.GetProperty("event").GetString()!).ToHashSet());
        var asked = records.First(record => record.GetProperty("event").GetString() == "ChangedByUser").GetProperty("fields");
        Assert.Equal(("0", "root"), (asked.GetProperty("uid").GetString(), asked.GetProperty("user").GetString()));
        var delivered = records.First(record => record.GetProperty("event").GetString() == "Delivered").GetProperty("fields");
        Assert.Equal(keys.KeyId, delivered.GetProperty("key_id").GetString());
        Assert.Contains("127.0.0.1", delivered.GetProperty("address").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("correct horse", System.Text.Encoding.UTF8.GetString(machine.ReadFile(Trail)), StringComparison.Ordinal);

        await machine.ShellAsync($"sed -i 's/\"event\":\"Disabled\"/\"event\":\"Enabled\"/' {Trail}", Token);
        var forged = await ControlAsync(bus, "audit", "verify");
        Assert.Equal(1, forged.ExitCode);
        Assert.Matches("error: audit\\.jsonl:[0-9]+: record [0-9]+ was changed\n", forged.Text);
    }

    private Task<CompletedProcess> FetchAsync(Machine machine, params string[] options) => MandosClient.RunAsync(
        machine, Implementation.Ours, Token, ["--connect=127.0.0.1:8888", "--interface=none", .. options]);

    private Task<CompletedProcess> ControlAsync(BusMachine bus, params string[] arguments) =>
        bus.Machine.RunAsync(new(), TimeSpan.FromSeconds(30), Token, Implementation.Ours.Control, arguments);

    private Task<string> WaitForAsync(BusMachine bus, string record) =>
        bus.Machine.ShellAsync($"for i in $(seq 200); do grep '{record}' {Trail} && exit; sleep 0.1; done; exit 1", Token);
}
