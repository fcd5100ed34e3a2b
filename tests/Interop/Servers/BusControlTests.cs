using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mandos.Interop.Servers;

/// <summary>
/// Debian's mandos-ctl with every option of it, against the original's server and against ours with the same clients: exit
/// codes, output and errors are the same but for times.
/// </summary>
public sealed partial class BusControlTests : InteropTest
{
    // Behind [DEFAULT]. Checks take longer than the test and begin by themselves after it.
    private const string Clients = """
        interval = P1D
        timeout = P2D
        [testclient]
        host = testclient
        key_id = d99df7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23
        fingerprint = 5FA24BC9E7575BFAE91D7F669ECC09FF3C8A64F1
        secret = c2VjcmV0
        checker = sleep 1000
        [b-1.example.org]
        key_id = 0000f7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248eceb49fcfb23
        fingerprint = 5FA24BC9E7575BFAE91D7F669ECC09FF3C8A64F1
        secret = c2VjcmV0
        checker = sleep 1000
        approval_delay = PT30S
        approved_by_default = no

        """;

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task Every_option_of_mandos_ctl_does_the_same_with_our_server_as_with_the_originals(DebianRelease release)
    {
        var original = await SessionAsync(release, Implementation.Original);
        var ours = await SessionAsync(release, Implementation.Ours);
        Assert.Equal(original, ours);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task What_mandos_ctl_sets_is_what_a_client_gets(DebianRelease release)
    {
        var machine = await BusMachine.MakeAsync(Lab, release, Implementation.Ours);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        var server = await MandosServer.StartAsync(
            machine, Implementation.Ours, new() { Clients = Stanza.Make("testclient", keys.KeyId, [1, 2, 3]), Bus = true }, Token);
        var bus = new BusMachine(machine, server, Token);
        await bus.WaitForNameAsync();
        machine.WriteFile("/root/secret", Stanza.Secret(await keys.StanzaAsync(machine, Password.Plain, Token)));
        (await bus.ControlAsync("--secret=/root/secret", "testclient")).OrThrow();
        Assert.Equal(
            Password.Plain,
            (
                await MandosClient.RunAsync(
                    machine, Implementation.Ours, Token, "--connect=127.0.0.1:8888", "--interface=none")).OrThrow().Output);
        await bus.WaitForPropertyAsync("testclient", "Expires", await bus.PropertyAsync("testclient", "Expires"));
        Assert.Equal(
            "t 1",
            (
                await machine.ShellAsync(
                    "busctl --system get-property se.recompile.Mandos /clients/testclient dotnet.Mandos.Client SecretsGiven",
                    Token)).Trim());
    }

    private async Task<string> SessionAsync(DebianRelease release, Implementation implementation)
    {
        var bus = await BusMachine.StartAsync(Lab, release, implementation, Clients);
        bus.Machine.WriteFile("/root/secret", "another secret");
        var story = new List<string>();
        await RunAsync("--version");
        await RunAsync();
        await RunAsync("testclient");
        await RunAsync("nobody");
        await RunAsync("--enable");
        await RunAsync("--all");
        await RunAsync("--disable", "testclient");
        await RunAsync();
        await RunAsync("--is-enabled", "testclient");
        // Ours has an enabled client checked at once: so it is begun with both.
        await RunAsync("--enable", "--start-checker", "testclient");
        await RunAsync("--is-enabled", "testclient");
        await RunAsync("--stop-checker", "testclient");
        await RunAsync("--bump-timeout", "testclient");
        await RunAsync("--verbose");
        await RunAsync("--checker=true %(host)s", "--timeout=PT10M", "--extended-timeout=PT20M", "--interval=P2D", "testclient");
        await RunAsync("--approval-delay=PT5S", "--approval-duration=PT2S", "--deny-by-default", "--host=other.example", "testclient");
        await RunAsync("--verbose", "testclient");
        await RunAsync("--approve-by-default", "--all");
        await RunAsync("--secret=/root/secret", "testclient");
        await RunAsync("--secret=-", "testclient");
        await RunAsync("--approve", "testclient");
        await RunAsync("--deny", "b-1.example.org");
        await RunAsync("--timeout=5m", "testclient");
        await RunAsync("--dump-json");
        await RunAsync("--dump-json", "b-1.example.org");
        await RunAsync("--deny", "--remove", "testclient");
        await RunAsync();
        return string.Join('\n', story);

        async Task RunAsync(params string[] arguments)
        {
            var done = await bus.ControlAsync("from the input"u8.ToArray(), arguments);
            story.Add($"$ mandos-ctl {string.Join(' ', arguments)}\n{Told(done.Text)}{Told(done.Errors)}exit code {done.ExitCode}");
        }
    }

    /// <summary>Without what differs from run to run: times, and the order of the clients, which the original leaves to chance.</summary>
    private static string Told(string text)
    {
        text = Time().Replace(text, "TIME                      ");
        if (text.StartsWith('{'))
            return string.Concat(
                JsonNode.Parse(text)!.AsObject()
                    .OrderBy(c => c.Key, StringComparer.Ordinal)
                    .Select(c => $"{c.Key} {c.Value!.ToJsonString()}\n"));
        return text.StartsWith("Name ", StringComparison.Ordinal)
            ? string.Join('\n', text.Split('\n').Order(StringComparer.Ordinal)) + "\n"
            : text;
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")]
    private static partial Regex Time();
}
