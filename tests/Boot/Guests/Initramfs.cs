using System.Globalization;
using System.Text;
using Mandos.Boot.Disks;

namespace Mandos.Boot.Guests;

/// <summary>What an initramfs is made from. Two with the same parts are the same file, which is cached.</summary>
public sealed record Initramfs
{
    /// <summary>The Debian release.</summary>
    public required DebianRelease Release { get; init; }

    /// <summary>What makes it.</summary>
    public required Generator Generator { get; init; }

    /// <summary>Whose client is in it.</summary>
    public GuestSoftware Software { get; init; } = GuestSoftware.Ours;

    /// <summary>The keys of the client.</summary>
    public required KeySet Keys { get; init; }

    /// <summary>What /etc/crypttab lists.</summary>
    public IReadOnlyList<GuestDisk> Disks { get; init; } = [GuestDisk.Root];

    /// <summary>
    /// With dracut: nothing is configured but the compression, so that the image is as Debian's own configuration makes it.
    /// </summary>
    public bool AsDebianShipsIt { get; init; }

    /// <summary>Files of /etc that are put there before it is made, by path.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Makes it (about 20 s) if it is not in the cache.</summary>
    public async Task<MadeInitramfs> MakeAsync(Laboratory laboratory)
    {
        var changes = Software == GuestSoftware.BeforeDracut;
        var system = changes
            ? await GuestSystem.BeforeDracutAsync(Release, laboratory.Token)
            : await GuestSystem.GetAsync(Release, Generator, laboratory.Token);
        var script = Script.Text(changes ? "change-to-dracut.sh" : "make-initramfs.sh");
        using var staging = new StagingFolder();
        var software = await Software.StageAsync(staging.Path, laboratory.Token);
        var files = Configuration();
        var parts = new StringBuilder($"1\n{script}\n{system.Folder}\n{Generator}\n{software}\n{(changes ? SystemDisk.MakingScript : "")}");
        foreach (var (path, content) in files)
            parts.Append(CultureInfo.InvariantCulture, $"{path}\n{Convert.ToBase64String(content)}\n");
        var folder = await Cache.GetAsync($"guest-initramfs-{Release.Suite}", parts.ToString(), MakeAsync, laboratory.Token);
        return new(
            system, Path.Combine(folder, "initrd.img"), await File.ReadAllTextAsync(Path.Combine(folder, "log"), laboratory.Token),
            changes ? Path.Combine(folder, SystemDisk.Name) : null);

        async Task MakeAsync(string target)
        {
            var machine = await laboratory.MachineAsync("initramfs", system.Folder);
            await PrepareAsync(machine, staging.Path, laboratory.Token);
            var made = await machine.RunAsync(
                new() { LogOutput = true }, TimeSpan.FromMinutes(10), laboratory.Token,
                "/bin/sh", "-c", script, "make-initramfs.sh", Generator.ToString(), system.KernelVersion);
            Directory.CreateDirectory(target);
            await File.WriteAllTextAsync(Path.Combine(target, "log"), made.OrThrow().Text, laboratory.Token);
            // With its mode, which is part of what is tested.
            File.Copy(machine.HostPath($"/boot/initrd.img-{system.KernelVersion}"), Path.Combine(target, "initrd.img"));
            // What apt did to the machine takes minutes and is not done again for its disk.
            if (changes)
                await SystemDisk.MakeOfAsync(machine, target, laboratory.Token);
        }
    }

    /// <summary>Puts the client, as it was staged, and the configuration on a machine with the guest system.</summary>
    internal async Task PrepareAsync(Machine machine, string staged, CancellationToken cancellationToken)
    {
        await Software.InstallAsync(machine, staged, cancellationToken);
        foreach (var (path, content) in Configuration())
            machine.WriteFile(
                path, content,
                path.StartsWith("/etc/keys/", StringComparison.Ordinal) ? (UnixFileMode)0b110_000_000 : (UnixFileMode)0b110_100_100);
    }

    private SortedDictionary<string, byte[]> Configuration()
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["/etc/fstab"] = Encoding.UTF8.GetBytes("/dev/mapper/root / ext4 ro 0 1\n"),
            ["/etc/crypttab"] = Encoding.UTF8.GetBytes(string.Concat(Disks.Select(d => $"{d.Name} UUID={d.LuksId} none luks,initramfs\n"))),
        };
        if (Generator == Generator.InitramfsTools)
        {
            // Everything as Debian has it, but packed in seconds and not in minutes.
            files["/etc/initramfs-tools/conf.d/guest"] = Encoding.UTF8.GetBytes("COMPRESS=zstd\nCOMPRESSLEVEL=3\n");
        }
        else if (AsDebianShipsIt)
        {
            files["/etc/dracut.conf.d/guest.conf"] = Encoding.UTF8.GetBytes("compress=\"zstd -3 -T0\"\n");
        }
        else
        {
            // What a machine that runs would tell dracut: this one has another's devices.
            files["/etc/dracut.conf.d/guest.conf"] = Encoding.UTF8.GetBytes(
                """
                hostonly="yes"
                hostonly_cmdline="no"
                compress="zstd -3 -T0"
                add_dracutmodules+=" crypt "
                add_drivers+=" virtio_pci virtio_blk virtio_net virtio_rng ext4 dm_crypt "
                filesystems+=" ext4 "
                install_items+=" /etc/crypttab "

                """);
        }

        if (Software != GuestSoftware.None)
        {
            foreach (var (name, content) in Keys.Files)
                files[$"{KeySet.Folder}/{name}"] = content;
        }

        foreach (var (path, content) in Files)
            files[path] = Encoding.UTF8.GetBytes(content);
        return files;
    }
}
