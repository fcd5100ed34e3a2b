using System.Text.RegularExpressions;

namespace Mandos.Interop.Clients;

/// <summary>What goes wrong is said, with what to do about it: once, and without --debug.</summary>
public sealed class ClientMessageTests : InteropTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(
        "no server", "",
        "mandos-client: no Mandos server has responded on eth0 yet; still searching \\(multicast DNS, UDP port 5353\\)")]
    [InlineData(
        "wrong port", "--connect=10.1.0.1:9",
        "mandos-client: warning: server 10\\.1\\.0\\.1:9: connection refused \\(is the server running\\? a firewall\\?\\)")]
    [InlineData("wrong port, IPv6", "--connect=[fd00:1::1]:9", "mandos-client: warning: server \\[fd00:1::1\\]:9: connection refused")]
    // The client tries whether that is on the link after all.
    [InlineData("no network", "--connect=10.9.0.1:9", "mandos-client: warning: server 10\\.9\\.0\\.1:9: no route to host")]
    [InlineData(
        "no machine", "--connect=10.1.0.77:9",
        "mandos-client: warning: server 10\\.1\\.0\\.77:9: no route to host \\(is it switched on\\? a firewall\\?\\)")]
    [InlineData(
        "no machine", "--connect=10.1.0.77:9",
        "mandos-client: no password from server 10\\.1\\.0\\.77:9 yet \\(usable interfaces: eth0\\); still trying")]
    [InlineData(
        "dropped", "--connect=10.1.0.3:9",
        "mandos-client: warning: server 10\\.1\\.0\\.3:9: no response to the connection attempt \\(a firewall\\?\\)")]
    [InlineData(
        "unknown key", "--connect=10.1.0.1:8888",
        "mandos-client: warning: server 10\\.1\\.0\\.1:8888: has no secret for key ID [0-9a-f]{64}: unknown there, disabled or "
            + "denied \\(see the server's log\\)")]
    public async Task A_long_search_reports_its_progress(string situation, string option, string line)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        if (situation == "unknown key")
            await MandosServer.StartAsync(
                pair.Server, Implementation.Ours, new() { Clients = Stanza.Make("another", new string('0', 64), "x"u8.ToArray()) }, Token);
        if (situation == "dropped")
            // A host has this hardware address, and ignores everything that is sent to it.
            await pair.Client.ShellAsync("ip neighbour add 10.1.0.3 lladdr 02:00:00:00:00:33 dev eth0 nud permanent", Token);
        await using var running = MandosClient.Start(
            pair.Client, Implementation.Ours, [.. option.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--retry=0.5"]);
        await running.WaitForLineAsync(line, Patience, Token);
        // Several more attempts say nothing new.
        await Task.Delay(TimeSpan.FromSeconds(2), Token);
        running.Signal("TERM");
        var done = await running.WaitAsync(Patience, Token);
        Assert.Single(Regex.Matches(done.Errors, line));
    }

    [Theory]
    [InlineData("--connect=1.2.3.4", "option '--connect': no port in '1.2.3.4': write 1.2.3.4:PORT")]
    [InlineData("--connect=server:4711", "option '--connect': 'server' is not a numeric address: names are not resolved")]
    [InlineData("--conect=1.2.3.4:1", "unrecognized option '--conect'; did you mean '--connect'?")]
    [InlineData("--password", "unrecognized option '--password': it belongs to mandos-keygen")]
    public async Task The_error_for_a_wrong_command_line_suggests_a_correction(string option, string error)
    {
        var client = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        var done = await MandosClient.RunAsync(client, Implementation.Ours, Token, option);
        Assert.Equal(64, done.ExitCode);
        Assert.StartsWith($"mandos-client: error: {error}\nhint: ", done.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_installed_keys_are_found_without_options_and_an_ordinary_user_gets_a_hint_to_use_root()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Implementation.Ours, Password.Plain, Token);
        var done = await pair.Client.RunAsync(new(), Patience, Token, Implementation.Ours.Client, $"--connect={Pair.ServerIPv4}:8888");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        await pair.Client.ShellAsync("chmod 600 /etc/keys/mandos/*", Token);
        var asUser = await pair.Client.RunAsync(
            new(), Patience, Token, "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", Implementation.Ours.Client,
            $"--connect={Pair.ServerIPv4}:8888");
        Assert.Equal(69, asUser.ExitCode);
        Assert.Equal(
            "mandos-client: error: cannot open the OpenPGP public key \"/etc/keys/mandos/pubkey.txt\": Permission denied\nhint: run "
                + "this as root\n",
            asUser.Errors);
    }

    [Theory]
    [InlineData("inject=pipe2:error=EMFILE:when=1+", "Too many open files")]
    [InlineData("inject=socket:error=EMFILE:when=1+", "Too many open files")]
    [InlineData("inject=clone,clone3:error=EAGAIN:when=3+", "Resource temporarily unavailable")]
    [InlineData("inject=clone,clone3:error=EAGAIN:when=4+", "no more threads")]
    public async Task Without_descriptors_or_threads_the_client_exits_with_71_and_reports_the_reason(string fault, string reason)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var done = await pair.Client.RunAsync(
            new(), Patience, Token, "/usr/bin/strace",
            ["-qq", "-o", "/run/trace", "-e", fault, Implementation.Ours.Client, .. KeySet.ClientOptions,
                $"--connect={Pair.ServerIPv4}:8888"]);
        Assert.Equal(71, done.ExitCode);
        Assert.StartsWith("mandos-client: error: ", done.Errors, StringComparison.Ordinal);
        Assert.Contains(reason, done.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("report", done.Errors, StringComparison.Ordinal);
    }

    /// <summary>In each thread the call of that number fails, and all after it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Without_threads_the_client_either_gets_the_password_or_exits_with_71(int first)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Implementation.Ours, Password.Plain, Token);
        var done = await WithoutThreadsAsync(pair, $"when={first}+");
        if (done.ExitCode == 0)
        {
            Assert.Equal(Password.Plain, done.Output);
            return;
        }

        Assert.Equal(71, done.ExitCode);
        Assert.Contains("Resource temporarily unavailable", done.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task One_failed_thread_creation_does_not_prevent_the_boot(int number)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Implementation.Ours, Password.Plain, Token);
        Assert.Equal(Password.Plain, (await WithoutThreadsAsync(pair, $"when={number}")).OrThrow().Output);
    }

    private static Task<CompletedProcess> WithoutThreadsAsync(Pair pair, string when) => pair.Client.RunAsync(
        new(), Patience, Token, "/usr/bin/strace",
        ["-f", "-qq", "-o", "/run/trace", "-e", $"inject=clone,clone3:error=EAGAIN:{when}", Implementation.Ours.Client,
            .. KeySet.ClientOptions, $"--connect={Pair.ServerIPv4}:8888", "--retry=1000"]);
}
