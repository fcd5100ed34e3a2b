using Mandos.Boot.Disks;
using Mandos.Boot.Emulation;
using Mandos.Boot.Guests;

namespace Mandos.Boot.Demo;

/// <summary>Two fresh Debian machines on one network, and the computer that the first of them is when it boots.</summary>
internal sealed class DemoSite : IAsyncDisposable
{
    /// <summary>The passphrase of the client's disk.</summary>
    public const string Passphrase = GuestDisk.Password;

    /// <summary>The client's disk, a file; the path is that of a disk.</summary>
    public const string Disk = "/dev/vda";

    private const string File = "/srv/vda";
    private const string Hosts = "127.0.0.1 localhost\n10.9.0.1 client\n10.9.0.2 server\n";
    private const UnixFileMode Readable = (UnixFileMode)0b110_100_100;

    private readonly Laboratory _laboratory;
    private readonly GuestSystem _system;
    private readonly Switch _segment;
    private VirtualMachine? _guest;

    private DemoSite(Laboratory laboratory, GuestSystem system, Switch segment, Machine client, Machine server)
    {
        (_laboratory, _system, _segment) = (laboratory, system, segment);
        (Client, Server) = (client, server);
    }

    public Machine Client { get; }

    public Machine Server { get; }

    /// <summary>Makes the machines.</summary>
    public static async Task<DemoSite> StartAsync(Laboratory laboratory)
    {
        var system = await FreshDebian.ClientAsync(laboratory.Token);
        var segment = await laboratory.SwitchAsync();
        var client = await laboratory.FreshMachineAsync("client", system.Folder);
        var server = await laboratory.FreshMachineAsync("server", await FreshDebian.ServerAsync(laboratory.Token));
        await segment.ConnectAsync(client, laboratory.Token, address: "10.9.0.1/24");
        await segment.ConnectAsync(server, laboratory.Token, address: "10.9.0.2/24");
        var site = new DemoSite(laboratory, system, segment, client, server);
        await site.PrepareServerAsync();
        await site.PrepareClientAsync();
        return site;
    }

    /// <summary>Another machine on the same network, which has our programs and keys of its own.</summary>
    public async Task<Machine> StrangerAsync()
    {
        var stranger = await _laboratory.MachineAsync("stranger", _system.Folder);
        await _segment.ConnectAsync(stranger, _laboratory.Token, address: "10.9.0.3/24");
        await stranger.ShellAsync(
            "mkdir -p -m 700 /etc/keys/mandos; ln -s /opt/mandos/mandos-client /opt/mandos/mandos-keygen /usr/local/sbin",
            _laboratory.Token);
        return stranger;
    }

    /// <summary>
    /// Switches the client off, and on again as a computer: with the kernel, the image in its /boot, and its disk, as they are now.
    /// </summary>
    public async Task<VirtualMachine> RebootAsync()
    {
        await Client.ShellAsync("ip link set eth0 down", _laboratory.Token);
        var image = new MadeInitramfs(_system, Client.HostPath($"/boot/initrd.img-{_system.KernelVersion}"), "");
        // Without "quiet", so that there is something to see.
        const string commandLine =
            "console=ttyS0 loglevel=3 mitigations=off random.trust_cpu=on cryptomgr.notests panic=-1 root=/dev/mapper/root ro";
        return _guest = await VirtualMachine.StartAsync(_laboratory, _segment, image, commandLine, [Client.HostPath(File)]);
    }

    /// <summary>After the boot: the client is up, as the machine that it was before.</summary>
    public async Task FinishRebootAsync()
    {
        await _guest!.WaitForOffAsync(TimeSpan.FromMinutes(1), _laboratory.Token);
        await Client.ShellAsync("ip link set eth0 up", _laboratory.Token);
        _ = await Switch.LinkLocalAddressAsync(Client, "eth0", _laboratory.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_guest is not null)
            await _guest.DisposeAsync();
    }

    /// <summary>What is true for a machine whose root was encrypted by Debian's installer.</summary>
    private async Task PrepareClientAsync()
    {
        var disk = await GuestDisk.Root.ImageAsync(_laboratory, _system);
        Client.WriteFile(File, await System.IO.File.ReadAllBytesAsync(disk, _laboratory.Token));
        Client.WriteFile("/etc/crypttab", $"root UUID={GuestDisk.Root.LuksId} none luks,initramfs\n", Readable);
        Client.WriteFile("/etc/fstab", "/dev/mapper/root / ext4 ro 0 1\n", Readable);
        await CopyPackageAsync(Client, PublishedPackages.Client);
        await StartSshAsync(Client);
        await Client.ShellAsync(
            $"""
            touch {Disk}
            mount --bind {File} {Disk}
            mkdir -p /dev/disk/by-uuid
            ln -s ../../vda /dev/disk/by-uuid/{GuestDisk.Root.LuksId}
            mkdir -p -m 700 /root/.ssh
            ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
            ssh-keyscan -t ed25519 server 2>/dev/null >/root/.ssh/known_hosts
            """, _laboratory.Token);
        Server.WriteFile("/root/.ssh/authorized_keys", Client.ReadFile("/root/.ssh/id_ed25519.pub"));
        await Server.ShellAsync("chmod 700 /root/.ssh", _laboratory.Token);
    }

    private async Task PrepareServerAsync()
    {
        await CopyPackageAsync(Server, PublishedPackages.Server);
        await SystemBus.StartAsync(Server, _laboratory.Token);
        Server.Start(new(), "/bin/busybox", "syslogd", "-n", "-O", "/var/log/syslog");
        await StartSshAsync(Server);
    }

    private async Task StartSshAsync(Machine machine)
    {
        machine.WriteFile("/etc/hosts", Hosts, Readable);
        machine.WriteFile("/etc/hostname", $"{machine.Name}\n", Readable);
        await machine.ShellAsync("mkdir -p /run/sshd; ssh-keygen -A >/dev/null", _laboratory.Token);
        var sshd = machine.Start(new(), "/usr/sbin/sshd", "-D", "-e");
        await machine.WaitForListenerAsync(22, TimeSpan.FromSeconds(20), _laboratory.Token, sshd);
    }

    private async Task CopyPackageAsync(Machine machine, string package)
    {
        var file = PublishedPackages.File(package);
        machine.WriteFile($"/root/{Path.GetFileName(file)}", await System.IO.File.ReadAllBytesAsync(file, _laboratory.Token), Readable);
    }
}
