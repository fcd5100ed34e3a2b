namespace Mandos.Interop;

/// <summary>Who reads the network holds no privilege, as /proc shows it.</summary>
public sealed class PrivilegeTests : InteropTest
{
    [Theory]
    [InlineData("by address")]
    [InlineData("by multicast")]
    public async Task The_process_with_network_sockets_has_no_privilege_and_the_other_has_no_network_socket(string route)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var silent = await HostileServer.StartAsync(pair.Server, 8888, "silent", Token);
        await using var client = MandosClient.Start(
            pair.Client, Implementation.Ours, $"{(route == "by address" ? "--connect" : "--server")}={Pair.ServerIPv4}:8888", "--interface=eth0");
        await silent.WaitForConnectionAsync(Token);

        var first = client.Inner();
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
    }

    [Fact]
    public async Task Neither_process_may_dump_core_and_the_keys_are_locked_in_memory()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var silent = await HostileServer.StartAsync(pair.Server, 8888, "silent", Token);
        await using var client = MandosClient.Start(pair.Client, Implementation.Ours, $"--connect={Pair.ServerIPv4}:8888");
        await silent.WaitForConnectionAsync(Token);
        foreach (var process in new[] { client.Inner() }.Concat(ProcessTree.Descendants(client.Inner())))
        {
            var core = ProcessTree.Read(process, "limits").Split('\n').First(l => l.StartsWith("Max core file size", StringComparison.Ordinal));
            Assert.Matches(@"size\s+0\s+0\s", core);
            // A process that is not dumpable has its files in /proc owned by root, whoever it runs as.
            Assert.Equal("0", (await Lab.ShellOnHostAsync($"stat -c %u /proc/{process}/maps")).Trim());
        }

        Assert.Contains(ProcessTree.Descendants(client.Inner()), p => ProcessTree.Status(p, "VmLck") is not ("" or "0 kB"));
    }

    private static bool HasNetworkSocket(int process)
    {
        var inodes = ProcessTree.Descriptors(process).Where(d => d.StartsWith("socket:[", StringComparison.Ordinal)).Select(d => d[8..^1]).ToHashSet();
        string[] tables = ["net/tcp", "net/tcp6", "net/udp", "net/udp6", "net/raw", "net/raw6"];
        return tables.SelectMany(t => ProcessTree.Read(process, t).Split('\n').Skip(1))
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Any(f => f.Length > 9 && inodes.Contains(f[9]));
    }
}
