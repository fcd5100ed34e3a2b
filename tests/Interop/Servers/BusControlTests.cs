using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mandos.Interop.Servers;

/// <summary>
/// mandos-ctl with every option of it, Debian's and ours, against the original's server and against ours with the same clients: exit
/// codes and output are the same but for times; with Debian's, errors too.
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

    private const string Unusual = """
        [unusual]
        host = höst € 😀 "quoted" \\ <&'>
        key_id = 1111f7b54a7ed79e5e57cdd9c0461686b1f30e43c8edc1f4d248ecec49fcfb23
        fingerprint = 5FA24BC9E7575BFAE91D7F669ECC09FF3C8A64F1
        secret = c2VjcmV0
        checker = sleep	1000 # é
        timeout = P400DT1H2M3S
        approval_duration = PT0S

        """;

    // Runs Debian's mandos-ctl, a Python program that takes most of a second to start, for each line of a file: each in a fork of a process
    // that has compiled it and has loaded its modules.
    private const string Repeater = """
        import os, sys
        program = sys.argv[1]
        with open(program, "rb") as file:
            code = compile(file.read(), program, "exec")
        silence = os.open("/dev/null", os.O_RDWR)

        def run(arguments):
            child = os.fork()
            if child != 0:
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            for descriptor in range(3):
                os.dup2(silence, descriptor)
            os._exit(execute(arguments))

        def execute(arguments):
            sys.argv = [program, *arguments]
            try:
                exec(code, {"__name__": "__main__", "__file__": program})
            except SystemExit as end:
                return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            except BaseException:
                return 1
            return 0

        output = os.dup(1)
        os.dup2(silence, 1)
        execute(["--help"])
        sys.stdout.flush()
        os.dup2(output, 1)
        with open("/root/pairs") as file:
            for line in file:
                print(run(line.split()), flush=True)
        """;

    private static readonly string[][] Listings =
    [
        [], ["testclient"], ["unusual", "testclient"], ["--verbose"], ["-v", "b-1.example.org", "unusual"], ["--dump-json"],
        ["-j", "unusual", "b-1.example.org"],
    ];

    private static readonly string[] Options =
    [
        "--all", "--verbose", "--dump-json", "--enable", "--disable", "--bump-timeout", "--start-checker", "--stop-checker", "--is-enabled",
        "--remove", "--checker=x", "--timeout=PT5M", "--extended-timeout=PT5M", "--interval=PT5M", "--approve-by-default",
        "--deny-by-default", "--approval-delay=PT5M", "--approval-duration=PT5M", "--host=x", "--secret=/dev/null", "--approve", "--deny",
    ];

    public static TheoryData<DebianRelease, Implementation> ReleasesAndServers => new(
        from release in DebianRelease.All
        from server in new[] { Implementation.Original, Implementation.Ours }
        select (release, server));

    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task Every_option_of_mandos_ctl_does_the_same_with_our_server_as_with_the_originals(DebianRelease release)
    {
        var original = await SessionAsync(release, Implementation.Original, Implementation.Original);
        var ours = await SessionAsync(release, Implementation.Ours, Implementation.Original);
        Assert.Equal(original, ours);
    }

    [Theory, MemberData(nameof(ReleasesAndServers))]
    public async Task Every_option_of_our_mandos_ctl_does_what_Debians_does(DebianRelease release, Implementation server)
    {
        var original = await SessionAsync(release, server, Implementation.Original, withErrors: false);
        var ours = await SessionAsync(release, server, Implementation.Ours, withErrors: false);
        Assert.Equal(original, ours);
    }

    /// <summary>Also the order of the clients, and characters that JSON and the table treat in their own ways.</summary>
    [Theory, MemberData(nameof(ReleasesAndServers))]
    public async Task Both_print_the_same_bytes_for_the_same_server(DebianRelease release, Implementation server)
    {
        var bus = await BusMachine.StartAsync(Lab, release, server, $"{Clients}{Unusual}");
        foreach (var arguments in Listings)
        {
            var original = await bus.ControlAsync(Implementation.Original, [], arguments);
            var ours = await bus.ControlAsync(Implementation.Ours, [], arguments);
            Assert.Equal(0, original.ExitCode);
            Assert.Equal((original.Text, original.ExitCode), (ours.Text, ours.ExitCode));
            Assert.Equal(original.Output, ours.Output);
        }
    }

    /// <summary>The client does not exist: what is not refused for its options ends with 1, and nothing is changed.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task Every_pair_of_options_is_refused_or_accepted_as_by_Debians_mandos_ctl(DebianRelease release)
    {
        var bus = await BusMachine.StartAsync(Lab, release, Implementation.Original, Clients);
        var pairs = OptionPairs().ToList();
        bus.Machine.WriteFile("/root/pairs", string.Join('\n', pairs) + "\n");
        bus.Machine.WriteFile("/root/repeat.py", Repeater);
        var original = await CodesAsync(bus, "/usr/bin/python3", "/root/repeat.py", Implementation.Original.Control);
        var ours = await CodesAsync(
            bus, "/bin/sh", "-c",
            $"while read -r line; do {Implementation.Ours.Control} $line </dev/null >/dev/null 2>&1; echo $?; done </root/pairs");
        Assert.Equal(pairs.Count, original.Length);
        Assert.Equal(pairs.Zip(original), pairs.Zip(ours));
        Assert.Contains("2", original);
        Assert.Contains("1", original);
    }

    private static IEnumerable<string> OptionPairs()
    {
        for (var i = 0; i < Options.Length; i++)
        {
            yield return Options[i];
            yield return $"{Options[i]} ghost";
            for (var j = i + 1; j < Options.Length; j++)
                yield return $"{Options[i]} {Options[j]} ghost";
        }
    }

    private static async Task<string[]> CodesAsync(BusMachine bus, params string[] command)
    {
        var done = await bus.Machine.RunAsync(new(), TimeSpan.FromMinutes(5), Token, command[0], command[1..]);
        return done.OrThrow().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_client_gets_what_mandos_ctl_sets(DebianRelease release)
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

    private async Task<string> SessionAsync(
        DebianRelease release, Implementation server, Implementation control, bool withErrors = true)
    {
        var bus = await BusMachine.StartAsync(Lab, release, server, Clients);
        bus.Machine.WriteFile("/root/secret", "another secret");
        var story = new List<string>();
        // Of different programs, versions differ.
        if (withErrors)
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
            var done = await bus.ControlAsync(control, "from the input"u8.ToArray(), arguments);
            var errors = withErrors ? Told(done.Errors) : "";
            story.Add($"$ mandos-ctl {string.Join(' ', arguments)}\n{Told(done.Text)}{errors}exit code {done.ExitCode}");
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
