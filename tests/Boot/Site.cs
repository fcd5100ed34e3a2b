using Mandos.Boot.Disks;
using Mandos.Boot.Emulation;
using Mandos.Boot.Guests;

namespace Mandos.Boot;

/// <summary>A segment with a machine that can be a Mandos server; guests are started on it.</summary>
/// <param name="Laboratory">It ends with this.</param>
/// <param name="Segment">Server and guests are on it.</param>
/// <param name="Server">10.1.0.1; no server runs on it yet.</param>
public sealed record Site(Laboratory Laboratory, Switch Segment, Machine Server)
{
    /// <summary>Makes one.</summary>
    public static async Task<Site> MakeAsync(Laboratory laboratory)
    {
        var segment = await laboratory.SwitchAsync();
        return new(laboratory, segment, await laboratory.MachineAsync("server", DebianRelease.Bookworm, segment, "10.1.0.1/24"));
    }

    /// <summary>Starts a server that gives <paramref name="password"/> to whoever has <paramref name="keys"/>, and makes itself known by mDNS.</summary>
    public async Task<MandosServer> ServeAsync(Implementation implementation, KeySet keys, string password = GuestDisk.Password, string more = "") =>
        await MandosServer.StartAsync(
            Server, implementation,
            new() { Clients = await keys.StanzaAsync(Server, System.Text.Encoding.UTF8.GetBytes(password), Laboratory.Token, "guest") + more, Zeroconf = true },
            Laboratory.Token);

    /// <summary>Switches a guest on. <paramref name="options"/>: added to the kernel's command line.</summary>
    public async Task<VirtualMachine> BootAsync(Initramfs initramfs, string options = "", bool plugged = true)
    {
        var made = await initramfs.MakeAsync(Laboratory);
        var disks = new List<string>();
        foreach (var disk in initramfs.Disks)
            disks.Add(await disk.ImageAsync(Laboratory));
        List<string> words = ["console=ttyS0", "quiet", "mitigations=off", "random.trust_cpu=on", "panic=-1", "root=/dev/mapper/root", "ro"];
        if (initramfs.Generator != Generator.InitramfsTools)
            words.AddRange(initramfs.Disks.Select(d => $"rd.luks.name={d.LuksId}={d.Name}"));
        words.Add(options);
        return await VirtualMachine.StartAsync(Laboratory, Segment, made, string.Join(' ', words), disks, plugged);
    }
}
