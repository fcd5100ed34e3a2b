namespace Mandos.Interop.Clients;

/// <summary>The kernel, short of memory, kills the process that talks to the network: a machine must boot all the same.</summary>
public sealed class KilledProcessTests : InteropTest
{
    private const int TemporaryFailure = 75;
    private const int MostRestarts = 2;

    [Fact]
    public async Task A_network_process_killed_at_any_point_is_restarted_and_the_password_arrives()
    {
        const int runs = 40;
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Implementation.Original, Password.Plain, Token);
        var whole = (
            await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, $"--connect={Pair.ServerIPv4}:8888")).OrThrow().Elapsed;
        var random = new Random(4711);
        var restarts = 0;
        for (var run = 0; run < runs; run++)
        {
            await using var client = MandosClient.Start(pair.Client, Implementation.Ours, $"--connect={Pair.ServerIPv4}:8888");
            for (var kill = 0; kill < MostRestarts; kill++)
            {
                await Task.Delay(whole * random.NextDouble(), Token);
                await pair.Client.ShellAsync("pkill -KILL -P \"$(pgrep -o -x mandos-client)\" || true", Token);
            }

            var done = (await client.WaitAsync(TimeSpan.FromSeconds(20), Token)).OrThrow();
            Assert.Equal(Password.Plain, done.Output);
            restarts += done.Errors.Split("starting it again").Length - 1;
        }

        Assert.InRange(restarts, 1, runs * MostRestarts);
    }

    [Fact]
    public async Task A_network_process_killed_repeatedly_ends_in_a_temporary_failure_with_the_network_restored()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.Client.ShellAsync("ip link set eth0 down", Token);
        var silent = await HostileServer.StartAsync(pair.Server, 8888, "silent", Token);
        await using var client = MandosClient.Start(pair.Client, Implementation.Ours, $"--connect={Pair.ServerIPv4}:8888");
        for (var kill = 0; kill <= MostRestarts; kill++)
        {
            // Each one has heard of the interface and reached the server.
            await silent.WaitForConnectionAsync(Token);
            await pair.Client.ShellAsync("pkill -KILL -P \"$(pgrep -o -x mandos-client)\"", Token);
        }

        var done = await client.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Equal(TemporaryFailure, done.ExitCode);
        Assert.Empty(done.Output);
        Assert.DoesNotContain(",UP", await pair.Client.ShellAsync("ip -o link show eth0", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restarted_network_process_has_the_same_ids()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var silent = await HostileServer.StartAsync(pair.Server, 8888, "silent", Token);
        // The keys of the image, which root may read for every user.
        await pair.Client.ShellAsync($"mkdir -p /conf/conf.d; cp -r {KeySet.Folder} /conf/conf.d/mandos", Token);
        await using var client = pair.Client.Start(
            new(), Implementation.Ours.Client,
            ["launch", "123", "456", "keep-root", Implementation.Ours.Client, "mandos-client", $"--connect={Pair.ServerIPv4}:8888"]);
        for (var run = 0; run < 2; run++)
        {
            await silent.WaitForConnectionAsync(Token);
            var network = Assert.Single(ProcessTree.Descendants(client.Inner()));
            Assert.Equal("123\t123\t123\t123", ProcessTree.Status(network, "Uid"));
            Assert.Equal("456\t456\t456\t456", ProcessTree.Status(network, "Gid"));
            Assert.Equal("", ProcessTree.Status(network, "Groups"));
            await pair.Client.ShellAsync("pkill -KILL -P \"$(pgrep -o -x mandos-client)\"", Token);
        }

        client.Signal("TERM");
        Assert.Equal(143, (await client.WaitAsync(TimeSpan.FromSeconds(10), Token)).ExitCode);
    }
}
