namespace Mandos.Interop.Clients;

/// <summary>Who reads the network holds no privilege, as /proc shows it.</summary>
public sealed class PrivilegeTests : InteropTest
{
    [Theory]
    [InlineData("by address")]
    [InlineData("by multicast")]
    public async Task The_network_process_has_no_privileges_and_the_supervisor_has_no_network_socket(string route)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var silent = await HostileServer.StartAsync(pair.Server, 8888, "silent", Token);
        await using var client = MandosClient.Start(
            pair.Client, Implementation.Ours, $"{(route == "by address" ? "--connect" : "--server")}={Pair.ServerIPv4}:8888",
            "--interface=eth0");
        await silent.WaitForConnectionAsync(Token);
        await AssertSeparationAsync(client.Inner());
    }

    [Fact]
    public async Task A_setuid_bit_gives_the_network_process_only_the_privileges_of_its_user()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await InstallForUserAsync(pair, "4755");
        await pair.Client.ShellAsync("ip link set eth0 down", Token);
        var silent = await HostileServer.StartAsync(pair.Server, 8888, "silent", Token);
        await using var client = StartAsUser(pair);
        await silent.WaitForConnectionAsync(Token);

        var network = await AssertSeparationAsync(client.Inner());
        var user = (await pair.Client.ShellAsync($"id -u {User}", Token)).Trim();
        Assert.Equal($"{user}\t{user}\t{user}\t{user}", ProcessTree.Status(network, "Uid"));
        client.Signal("TERM");
        await client.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.DoesNotContain(",UP", await pair.Client.ShellAsync("ip -o link show eth0", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_set_uid_bit_an_unprivileged_user_gets_the_password_over_an_interface_that_was_down()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await InstallForUserAsync(pair, "4755");
        await pair.ServeAsync(Implementation.Original, Password.Plain, Token);
        await pair.Client.ShellAsync("ip link set eth0 down", Token);
        await using var client = StartAsUser(pair);
        Assert.Equal(Password.Plain, (await client.WaitAsync(TimeSpan.FromSeconds(20), Token)).OrThrow().Output);
        Assert.DoesNotContain(",UP", await pair.Client.ShellAsync("ip -o link show eth0", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Started_by_an_ordinary_user_the_client_fetches_over_interfaces_that_are_up()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await InstallForUserAsync(pair, "755");
        await pair.ServeAsync(Implementation.Original, Password.Plain, Token);
        await using var client = StartAsUser(pair);
        Assert.Equal(Password.Plain, (await client.WaitAsync(TimeSpan.FromSeconds(20), Token)).OrThrow().Output);
    }

    /// <summary>One process of two holds the network's sockets, and nothing else that is worth having.</summary>
    /// <returns>That process.</returns>
    private static async Task<int> AssertSeparationAsync(int first)
    {
        int[] all = [first, .. ProcessTree.Descendants(first)];
        Assert.Equal(2, all.Length);
        var network = Assert.Single(all, HasNetworkSocket);
        Assert.NotEqual(first, network);

        Assert.All(ProcessTree.Status(network, "Uid").Split('\t'), id => Assert.NotEqual("0", id));
        Assert.All(ProcessTree.Status(network, "Gid").Split('\t'), id => Assert.NotEqual("0", id));
        Assert.Equal("", ProcessTree.Status(network, "Groups"));
        foreach (var set in new[] { "CapEff", "CapPrm", "CapInh", "CapAmb" })
            Assert.Equal("0000000000000000", ProcessTree.Status(network, set));
        Assert.Equal("1", ProcessTree.Status(network, "NoNewPrivs"));
        Assert.Equal("2", ProcessTree.Status(network, "Seccomp"));
        // All threads, not only the first.
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{network}/task"))
            Assert.Contains("Seccomp:\t2", await File.ReadAllTextAsync(Path.Combine(thread, "status"), Token), StringComparison.Ordinal);
        return network;
    }

    [Fact]
    public async Task A_fetch_succeeds_while_the_filter_refuses_other_system_calls()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Implementation.Ours, Password.Plain, Token);
        const string trace = "/run/laboratory/trace";
        var done = await pair.Client.RunAsync(
            new(), TimeSpan.FromSeconds(30), Token, "/usr/bin/strace",
            ["-f", "-qq", "-o", trace, "-e", "trace=seccomp,openat,connect", Implementation.Ours.Client, .. KeySet.ClientOptions,
                $"--connect={Pair.ServerIPv4}:8888"]);
        Assert.Equal(Password.Plain, done.OrThrow().Output);

        var calls = StraceLog.Calls(pair.Client.ReadFile(trace));
        var filtered = calls.FindIndex(
            l => l.Contains("seccomp(SECCOMP_SET_MODE_FILTER", StringComparison.Ordinal) && l.EndsWith("= 0", StringComparison.Ordinal));
        Assert.True(filtered >= 0, "no filter was put in place");
        var process = calls[filtered].Split(' ')[0];
        var after = calls.Skip(filtered + 1).Where(l => l.StartsWith(process + " ", StringComparison.Ordinal)).ToList();
        // Also what every user may do, such as to open the root folder for reading.
        Assert.Contains(after, l => l.Contains("openat(", StringComparison.Ordinal) && l.Contains("EPERM", StringComparison.Ordinal));
        Assert.DoesNotContain(after, l => l.Contains("openat(", StringComparison.Ordinal) && !l.Contains("= -1", StringComparison.Ordinal));
        Assert.All(
            calls.Select((l, i) => (Line: l, Index: i)).Where(
                c => c.Line.Contains("connect(", StringComparison.Ordinal) && c.Line.Contains("AF_INET", StringComparison.Ordinal)),
            c => Assert.True(c.Index > filtered, "the network was used before the filter was in place"));
    }

    [Fact]
    public async Task Neither_process_can_dump_core_and_the_keys_are_locked_in_memory()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var silent = await HostileServer.StartAsync(pair.Server, 8888, "silent", Token);
        await using var client = MandosClient.Start(pair.Client, Implementation.Ours, $"--connect={Pair.ServerIPv4}:8888");
        await silent.WaitForConnectionAsync(Token);
        foreach (var process in new[] { client.Inner() }.Concat(ProcessTree.Descendants(client.Inner())))
        {
            var core = ProcessTree.Read(process, "limits")
                .Split('\n')
                .First(l => l.StartsWith("Max core file size", StringComparison.Ordinal));
            Assert.Matches(@"size\s+0\s+0\s", core);
            // A process that is not dumpable has its files in /proc owned by root, whatever its user.
            Assert.Equal("0", (await Lab.ShellOnHostAsync($"stat -c %u /proc/{process}/maps")).Trim());
        }

        Assert.Contains(ProcessTree.Descendants(client.Inner()), p => ProcessTree.Status(p, "VmLck") is not ("" or "0 kB"));
    }

    private const string User = "_mandos";

    /// <summary>A copy of the client, with its own mode, and keys that an ordinary user may read.</summary>
    private static Task InstallForUserAsync(Pair pair, string mode) => pair.Client.ShellAsync(
        $"install -m {mode} {Implementation.Ours.Client} /usr/local/bin/mandos-client; chmod 755 /etc/keys /etc/keys/mandos; chown "
            + $"{User} {KeySet.Folder}/*",
        Token);

    private static RunningProcess StartAsUser(Pair pair) => pair.Client.Start(
        new(), "/usr/bin/setpriv",
        [$"--reuid={User}", $"--regid={User}", "--clear-groups", "/usr/local/bin/mandos-client", .. KeySet.ClientOptions,
            $"--connect={Pair.ServerIPv4}:8888"]);

    private static bool HasNetworkSocket(int process)
    {
        var inodes = ProcessTree.Descriptors(process)
            .Where(d => d.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(d => d[8..^1])
            .ToHashSet();
        string[] tables = ["net/tcp", "net/tcp6", "net/udp", "net/udp6", "net/raw", "net/raw6"];
        return tables.SelectMany(t => ProcessTree.Read(process, t).Split('\n').Skip(1))
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Any(f => f.Length > 9 && inodes.Contains(f[9]));
    }
}
