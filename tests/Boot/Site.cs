using System.Text;
using Mandos.Boot.Disks;
using Mandos.Boot.Emulation;
using Mandos.Boot.Guests;

namespace Mandos.Boot;

/// <summary>
/// A segment with a machine that can be a Mandos server, and guests that are switched on there. All of it ends with this.
/// </summary>
public sealed class Site : IAsyncDisposable
{
    private const string ServerName = "server";
    private readonly StringBuilder _serverLog = new();
    private readonly List<VirtualMachine> _guests = [];
    private Switch? _segment;
    private Machine? _server;

    private Site(Action<string> log, CancellationToken cancellationToken) => Laboratory = new(
        line =>
        {
            log(line);
            if (line.StartsWith(ServerName + "/", StringComparison.Ordinal))
                Hear(line);
        },
        cancellationToken);

    /// <summary>What the machines are made in.</summary>
    public Laboratory Laboratory { get; }

    /// <summary>10.1.0.1; no Mandos server runs on it at first.</summary>
    public Machine Server => _server!;

    /// <summary>What the Mandos server said (of the original: what reached syslog), and what runs beside it.</summary>
    public string ServerLog
    {
        get
        {
            lock (_serverLog)
                return _serverLog.ToString();
        }
    }

    /// <summary>Makes one.</summary>
    public static async Task<Site> StartAsync(Action<string> log, CancellationToken cancellationToken)
    {
        var site = new Site(log, cancellationToken);
        try
        {
            site._segment = await site.Laboratory.SwitchAsync();
            site._server = await site.Laboratory.MachineAsync(ServerName, DebianRelease.Bookworm, site._segment, "10.1.0.1/24");
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>The section of clients.conf for the guest.</summary>
    public Task<string> StanzaAsync(KeySet keys, string password = GuestDisk.Password) =>
        keys.StanzaAsync(Server, Encoding.UTF8.GetBytes(password), Laboratory.Token, "guest");

    /// <summary>Starts a server that gives the password to the holder of <paramref name="keys"/>, and makes itself known by mDNS.</summary>
    public async Task<MandosServer> ServeAsync(Implementation implementation, KeySet keys, string password = GuestDisk.Password) =>
        await ServeAsync(implementation, await StanzaAsync(keys, password));

    /// <summary>Starts a server with these clients. With IPv6 it makes itself known by IPv6 alone, as the original does.</summary>
    public Task<MandosServer> ServeAsync(Implementation implementation, string clients, bool useIPv6 = true) =>
        MandosServer.StartAsync(Server, implementation, new() { Clients = clients, Zeroconf = true, UseIPv6 = useIPv6 }, Laboratory.Token);

    /// <summary>Switches a guest on. <paramref name="options"/>: added to the kernel's command line.</summary>
    public async Task<VirtualMachine> BootAsync(Initramfs initramfs, string options = "", bool plugged = true) =>
        await BootAsync(initramfs, CommandLine(initramfs, options), await DisksAsync(initramfs), plugged);

    /// <summary>
    /// Switches a guest on whose root, after it has told what it found, becomes a whole Debian system in which
    /// <c>mandos-keygen doctor</c> runs: see <see cref="DoctorReport"/>.
    /// </summary>
    /// <param name="initramfs">Its initramfs.</param>
    /// <param name="options">Added to the kernel's command line.</param>
    /// <param name="network">Whether doctor fetches the password.</param>
    public async Task<VirtualMachine> BootWithDoctorAsync(Initramfs initramfs, string options = "", bool network = true)
    {
        var disks = await DisksAsync(initramfs);
        var doctor = $"guest.doctor={(network ? "network" : "alone")}:/dev/vd{(char)('a' + disks.Count)}";
        return await BootAsync(
            initramfs, CommandLine(initramfs, $"{options} {doctor}".TrimStart()),
            [.. disks, await SystemDisk.ImageAsync(initramfs, Laboratory)]);
    }

    /// <summary>Switches a guest on that has these disks and this whole command line for its kernel.</summary>
    public async Task<VirtualMachine> BootAsync(Initramfs initramfs, string commandLine, IReadOnlyList<string> disks, bool plugged = true)
    {
        var guest = await VirtualMachine.StartAsync(
            Laboratory, _segment!, await initramfs.MakeAsync(Laboratory), commandLine, disks, plugged);
        _guests.Add(guest);
        return guest;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var guest in _guests)
            await guest.DisposeAsync();
        await Laboratory.DisposeAsync();
    }

    private static string CommandLine(Initramfs initramfs, string options)
    {
        List<string> words =
            ["console=ttyS0", "quiet", "mitigations=off", "random.trust_cpu=on", "cryptomgr.notests", "panic=-1",
                $"root=/dev/mapper/{GuestDisk.Root.NameWith(initramfs)}", "ro"];
        words.AddRange(initramfs.Disks.Select(d => initramfs.Generator switch
        {
            Generator.InitramfsTools => "",
            Generator.DracutSystemd => $"rd.luks.name={d.LuksId}={d.Name}",
            _ => $"rd.luks.uuid={d.LuksId}",
        }));
        words.Add(options);
        return string.Join(' ', words.Where(w => w.Length > 0));
    }

    private async Task<List<string>> DisksAsync(Initramfs initramfs)
    {
        var disks = new List<string>();
        foreach (var disk in initramfs.Disks)
            disks.Add(await disk.ImageAsync(Laboratory));
        return disks;
    }

    private void Hear(string line)
    {
        lock (_serverLog)
            _serverLog.AppendLine(line);
    }
}
