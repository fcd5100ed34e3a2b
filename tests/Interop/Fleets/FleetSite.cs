namespace Mandos.Interop.Fleets;

/// <summary>The network of a day: a server machine with a system bus that is watched, and the machines of the fleet.</summary>
internal sealed class FleetSite
{
    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100;
    private const string Name = "se.recompile.Mandos";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly Laboratory _laboratory;
    private readonly Implementation _implementation;
    private readonly IReadOnlyDictionary<string, Machine> _machines;
    private RunningProcess? _daemon;

    private FleetSite(
        Laboratory laboratory, Implementation implementation, Machine server, BusMonitor bus, IReadOnlyDictionary<string, Machine> machines)
    {
        _laboratory = laboratory;
        _implementation = implementation;
        Server = server;
        Bus = bus;
        _machines = machines;
    }

    /// <summary>Where the server runs, and the administrator works.</summary>
    public Machine Server { get; }

    /// <summary>What its system bus carries.</summary>
    public BusMonitor Bus { get; }

    /// <summary>Whether a client is checked as soon as it is enabled, and not only an interval later.</summary>
    public bool ChecksWhenEnabled => _implementation == Implementation.Ours;

    /// <summary>Whether a client that is disabled while its approval is pending gets its secret when the time is over.</summary>
    public bool GivesToTheDisabled => _implementation == Implementation.Original;

    /// <summary>Whether ApprovalPending stays true when the connection ends too soon after the decision.</summary>
    public bool ForgetsTheEndOfAWait => _implementation == Implementation.Original;

    /// <summary>Switches everything on, but for the server itself.</summary>
    public static async Task<FleetSite> MakeAsync(Laboratory laboratory, Implementation implementation, IReadOnlyList<FleetMember> members)
    {
        var segment = await laboratory.SwitchAsync();
        var server = await laboratory.MachineAsync("server", DebianRelease.Trixie, segment, "10.1.0.1/24");
        await server.ShellAsync("ip address add fd00:1::1/64 dev eth0 nodad", laboratory.Token);
        await SystemBus.StartLogSinkAsync(server, laboratory.Token);
        await SystemBus.StartAsync(server, laboratory.Token);
        var bus = await BusMonitor.StartAsync(server, laboratory.Token);
        var machines = new Dictionary<string, Machine>();
        foreach (var member in members)
        {
            var machine = await laboratory.MachineAsync(member.Name, DebianRelease.Trixie, segment, $"10.1.0.{member.Number}/24");
            await machine.ShellAsync($"ip address add fd00:1::{member.Number}/64 dev eth0 nodad", laboratory.Token);
            member.Keys.InstallOn(machine);
            machines[member.Name] = machine;
        }

        var site = new FleetSite(laboratory, implementation, server, bus, machines);
        foreach (var member in members)
            site.IsUp(member.Name, true);
        return site;
    }

    /// <summary>Whether the checker of a client finds it.</summary>
    public void IsUp(string name, bool up)
    {
        if (up)
            Server.WriteFile($"/srv/alive/{name}", "", Readable);
        else
            File.Delete(Server.HostPath($"/srv/alive/{name}"));
    }

    /// <summary>Writes clients.conf, starts the server and waits until it serves on the network and on the bus.</summary>
    public async Task StartServerAsync(string clients)
    {
        Server.WriteFile("/etc/mandos/mandos.conf", "[DEFAULT]\n", Readable);
        Server.WriteFile("/etc/mandos/clients.conf", clients, Readable);
        var position = Bus.Count;
        _daemon = Server.Start(
            new(), _implementation.Server, "--configdir=/etc/mandos", "--foreground", "--debuglevel=INFO", "--port=8888", "--no-zeroconf");
        await Bus.WaitAsync(position, s => s.IsOwnerChange(Name, owned: true), $"{Name} ({_daemon.Errors})", Patience, _laboratory.Token);
        await Server.WaitForListenerAsync(8888, Patience, _laboratory.Token, _daemon);
        await Bus.CatchUpAsync(Name, _laboratory.Token);
    }

    /// <summary>
    /// SIGTERM; then something that is to happen when the clients have gone from the bus; the exit code, or null if the server
    /// did not end and was killed with its children, as systemd does it.
    /// </summary>
    public async Task<int?> StopServerAsync(Action then, TimeSpan limit)
    {
        var position = Bus.Count;
        _daemon!.Signal("TERM");
        await Bus.WaitAsync(
            position, s => s is { Member: "ClientRemoved", Interface: "se.bsnet.fukt.Mandos" }, "ClientRemoved", Patience,
            _laboratory.Token);
        then();
        var code = (await _daemon.EndWithinAsync(limit, _laboratory.Token))?.ExitCode;
        _daemon = null;
        await Bus.WaitAsync(position, s => s.IsOwnerChange(Name, owned: false), $"farewell of {Name}", Patience, _laboratory.Token);
        return code;
    }

    /// <summary>Waits until everything is seen on the bus that the server has sent so far.</summary>
    public Task CatchUpAsync() => Bus.CatchUpAsync(_daemon is null ? null : Name, _laboratory.Token);

    /// <summary>A machine boots: its client asks once, and does not ask again today.</summary>
    public RunningProcess Ask(FleetMember member, string server = "10.1.0.1") =>
        MandosClient.Start(_machines[member.Name], member.Program, $"--connect={server}:8888", "--retry=3600");

    /// <summary>Where the server's machine is on its own segment.</summary>
    public Task<string> LinkLocalAddressAsync() => Switch.LinkLocalAddressAsync(Server, "eth0", _laboratory.Token);

    /// <summary>Waits until a machine has no connection to the server any more.</summary>
    public async Task WaitForHangUpAsync(FleetMember member)
    {
        // Remote port 8888; state 6 is what the kernel remembers of a closed one.
        var process = _machines[member.Name].ProcessId;
        var began = TimeProvider.System.GetTimestamp();
        while (File.ReadLines($"/proc/{process}/net/tcp").Concat(File.ReadLines($"/proc/{process}/net/tcp6"))
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Any(
                f => f[2].EndsWith(":22B8", StringComparison.Ordinal) && f[3] != "06"))
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new TimeoutException($"{member.Name} is still connected");
            await Task.Delay(10, _laboratory.Token);
        }
    }
}
