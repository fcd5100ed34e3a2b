namespace Mandos.Bench;

/// <summary>One server, the original's or ours, on its own machine, and a machine beside it that is all its clients.</summary>
internal sealed class ServerBench(Laboratory laboratory)
{
    private const int Port = 8888;
    private const string Address = "fd00:1::1";
    private const string ClientAddress = "fd00:1::2";
    private const string AttackersAddress = "fd00:1::3";

    /// <summary>As long as a message of mandos-keygen with new keys.</summary>
    private readonly byte[] _secret = [.. Enumerable.Range(0, 500).Select(i => (byte)(i * 7))];

    private Switch? _segment;
    private Machine? _server;
    private Machine? _client;
    private MandosServer? _running;

    /// <summary>Starts both machines and the server.</summary>
    public async Task StartAsync(Implementation implementation)
    {
        _segment = await laboratory.SwitchAsync();
        _server = await laboratory.MachineAsync("server", DebianRelease.Bookworm, _segment);
        _client = await laboratory.MachineAsync("client", DebianRelease.Bookworm, _segment);
        await _server.ShellAsync($"ip address add {Address}/64 dev eth0 nodad", laboratory.Token);
        await _client.ShellAsync($"ip address add {ClientAddress}/64 dev eth0 nodad", laboratory.Token);
        await Flood.RouteAsync(_client, ClientAddress, _server, laboratory.Token);
        var keys = await KeySet.OfOursAsync(_client, laboratory.Token);
        keys.InstallOn(_client);
        _running = await MandosServer.StartAsync(
            _server, implementation,
            new() { Clients = Stanza.Make("client", keys.KeyId, _secret), Port = Port, FileLimit = 1024, More = ["--debuglevel=WARNING"] },
            laboratory.Token);
        await FetchAsync(atOnce: 2, count: 20);
    }

    /// <summary>Fetches the secret many times.</summary>
    public Task<Fetches> FetchAsync(int atOnce, int count, double limit = 20, string processors = "0-1023") =>
        Fetches.RunAsync(_client!, Address, Port, atOnce, count, _secret, laboratory.Token, limit, processors: processors);

    /// <summary>
    /// Fetches one after the other on the server's processor, while two hundred networks send the dearest handshakes there are
    /// from the other one; and how many handshakes these had in a second.
    /// </summary>
    public async Task<(Fetches Fetches, double Attacks)> FetchUnderAttackAsync(int count, double limit)
    {
        var attackers = await laboratory.MachineAsync("attackers", DebianRelease.Bookworm, _segment!);
        await attackers.ShellAsync($"ip address add {AttackersAddress}/64 dev eth0 nodad", laboratory.Token);
        await HandshakeAttack.RouteAsync(attackers, AttackersAddress, _server!, laboratory.Token);
        using (
            var pinning = System.Diagnostics.Process.Start(
                "sh", ["-c", Report.Format($"taskset --all-tasks --cpu-list --pid 0 {_running!.Process.Inner()} >/dev/null")]))
            await pinning.WaitForExitAsync(laboratory.Token);
        await using var attack = await HandshakeAttack.StartAsync(attackers, Address, Port, processor: 1, laboratory.Token);
        var fetches = await FetchAsync(atOnce: 1, count, limit, processors: "0");
        return (fetches, await attack.StopAsync(laboratory.Token));
    }

    /// <summary>Begins connections that do the server no good.</summary>
    public Task<Flood> FloodAsync(string behaviour, int count, bool fromManyAddresses = false, int pace = 1_000_000) =>
        Flood.StartAsync(_client!, Address, Port, behaviour, count, laboratory.Token, fromManyAddresses, pace);

    /// <summary>How many of them the server holds, when it takes no more.</summary>
    public Task<int> SettleAsync() => Flood.SettleAsync(_server!, Port, laboratory.Token);

    /// <summary>
    /// Resident memory of the server's processes, and the same with shared pages divided among those who share them; bytes.
    /// </summary>
    public (double Rss, double Pss) Memory()
    {
        var process = _running!.Process.Inner();
        return ProcessUse.Memory(ProcessTree.Descendants(process).Prepend(process));
    }
}
