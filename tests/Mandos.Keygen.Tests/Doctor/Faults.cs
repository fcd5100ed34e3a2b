using Mandos.Keygen.Tests.Images;

namespace Mandos.Keygen.Tests.Doctor;

/// <summary>A fault of a machine, and how it is named.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Ids">The findings that are no longer ok.</param>
/// <param name="Text">A part of the text of the first one.</param>
/// <param name="ExitCode">1 for a warning, 2 for an error.</param>
/// <param name="Change">Makes the machine so.</param>
internal sealed record Fault(string Name, string Ids, string Text, int ExitCode, Action<SampleMachine> Change)
{
    /// <summary>Whether the fault needs a builder: true for dracut, false for initramfs-tools, null for any.</summary>
    public bool? Dracut { get; init; }
}

/// <summary>The faults that are found and named.</summary>
internal static class Faults
{
    private const string Boot = "/boot/vmlinuz-";
    private const string Old = "5.10.0-1-amd64";
    private const uint Executable = 0b111_101_101;

    internal static IReadOnlyList<Fault> All { get; } =
    [
        .. Client(), .. Keys(), .. Configuration(), .. Disks(), .. Network(), .. Boots(), .. Age(), .. Fetching(),
    ];

    private static IEnumerable<Fault> Client() =>
    [
        new("client missing", "client.missing", "does not contain the Mandos client", 2, m => Each(m, "/mandos", m.InImage.Remove)),
        new("client not executable", "client.mode client.link", "cannot be executed (mode 0644)", 2,
            m => m.InImage.SetMode(m.InImage.Paths("mandos-client")[^1], 0b110_100_100)) { Dracut = true },
        new("client set-uid", "client.set-uid", "is set-uid", 1,
            m => m.InImage.SetMode("usr/lib/mandos/plugins.d/mandos-client", 0x800 | Executable)) { Dracut = false },
        new("client damaged", "client.damaged client.old", "is not a program", 2,
            m => m.InImage.Add("usr/lib/mandos/plugins.d/mandos-client", "text", Executable)) { Dracut = false },
        new("plugin-runner missing", "client.link", "/lib/mandos/plugin-runner is missing", 2,
            m => m.InImage.Remove("usr/lib/mandos/plugin-runner")) { Dracut = false },
        new("link to nothing", "client.link", "/lib/mandos/password-agent is missing", 2,
            m => m.InImage.AddLink("usr/lib/mandos/password-agent", "gone")) { Dracut = true },
        new("start script missing", "scripts.missing", "/scripts/init-premount/mandos is missing", 2,
            m => m.InImage.Remove("scripts/init-premount/mandos")) { Dracut = false },
        new("start script not executable", "scripts.missing", "or cannot be executed", 2,
            m => m.InImage.SetMode("scripts/local-premount/mandos", 0b110_100_100)) { Dracut = false },
        new("start script not in ORDER", "scripts.order", "does not run /scripts/init-premount/mandos", 2,
            m => m.InImage.Add("scripts/init-premount/ORDER", "/scripts/init-premount/other \"$@\"\n")) { Dracut = false },
        new("unit not enabled", "scripts.missing", "sysinit.target.wants/ask-password-mandos.path is missing", 2,
            m => m.InImage.Remove("usr/lib/systemd/system/sysinit.target.wants/ask-password-mandos.path")) { Dracut = true },
        new("hook of dracut missing", "scripts.missing", "20-mandos-cmdline.sh is missing", 2,
            m => m.InImage.Remove("var/lib/dracut/hooks/cmdline/20-mandos-cmdline.sh")) { Dracut = true },
        new("client not installed", "client.installed fetch.impossible", "is not installed", 2,
            m => m.Files.Remove("/usr/lib/x86_64-linux-gnu/mandos/plugins.d/mandos-client")),
    ];

    private static IEnumerable<Fault> Keys() =>
    [
        new("rotation interrupted", "keys.rotation", "a rotation of the keys was interrupted", 1,
            m => Rotate(m, "next", SampleMachine.OtherKeys)),
        new("rotation before the new image", "keys.rotation", "a rotation of the keys was interrupted", 1,
            m =>
            {
                Rotate(m, "previous", SampleMachine.Keys);
                Rotate(m, "", SampleMachine.OtherKeys);
            }),
        new("rotation not finished", "keys.rotation", "has booted since its keys were rotated", 1,
            m =>
            {
                Rotate(m, "previous", SampleMachine.OtherKeys);
                m.Files["/etc/keys/mandos/rotation/built"] = "an earlier boot\n";
            }),
        new("key missing in the image", "keys.missing", "seckey.txt in the image is missing", 2,
            m => m.InImage.Remove($"{m.InImage.Keys}/seckey.txt")),
        new("key empty in the image", "keys.missing", "tls-privkey.pem in the image is missing or empty", 2,
            m => m.InImage.Add($"{m.InImage.Keys}/tls-privkey.pem", "", 0b110_000_000)),
        new("wrong mode of a key", "keys.mode", "mode 0644", 1, m => m.InImage.SetMode($"{m.InImage.Keys}/seckey.txt", 0b110_100_100)),
        new("wrong owner of a key", "keys.mode", "owner 997:0", 1,
            m => m.InImage.SetMode($"{m.InImage.Keys}/tls-privkey.pem", 0b110_000_000, owner: 997)),
        new("image older than the keys", "keys.differ", "it was built before they were changed", 2, m =>
        {
            foreach (var (name, content) in SampleMachine.OtherKeys)
                m.Secrets[$"/etc/keys/mandos/{name}"] = content;
        }),
        new("no keys on the machine", "keys.none", "/etc/keys/mandos does not exist", 2, m => m.Secrets.Clear()),
        new("key missing on the machine", "keys.unusable", "tls-pubkey.pem does not exist", 2,
            m => m.Secrets.Remove("/etc/keys/mandos/tls-pubkey.pem")),
        new("keys of two sets on the machine", "keys.unusable keys.differ", "tls-p", 2,
            m => m.Secrets["/etc/keys/mandos/tls-privkey.pem"] = SampleMachine.OtherKeys["tls-privkey.pem"]),
        new("key readable by others", "keys.mode", "other users can use the secret key /etc/keys/mandos/seckey.txt", 1,
            m => m.Modes["/etc/keys/mandos/seckey.txt"] = UnixFileMode.UserRead | UnixFileMode.OtherRead),
        new("image readable by others", "image.mode", "other users can read /boot/initrd.img", 1,
            m => m.Modes[SampleMachine.Image] = UnixFileMode.UserRead | UnixFileMode.OtherRead),
    ];

    private static IEnumerable<Fault> Configuration() =>
    [
        new("configuration missing", "configuration.missing", "plugin-runner.conf is missing", 2,
            m => m.InImage.Remove("conf/conf.d/mandos/plugin-runner.conf")) { Dracut = false },
        new("client disabled in the configuration", "configuration.disabled", "disables the plugin mandos-client", 2, m =>
        {
            m.InImage.Add("conf/conf.d/mandos/plugin-runner.conf", "--enable=mandos-client\n--disable mandos-client # why\n");
            m.Files["/etc/mandos/plugin-runner.conf"] = "--disable mandos-client # why\n";
        }) { Dracut = false },
        new("mandos=off left behind", "command-line.off", "mandos=off turns the client off (/boot/grub/grub.cfg)", 2,
            m => m.Files["/boot/grub/grub.cfg"] = SampleMachine.Grub("quiet mandos=off")),
        new("mandos=off in the settings of GRUB", "command-line.off", "(/etc/default/grub)", 2,
            m => m.Files["/etc/default/grub"] = "GRUB_CMDLINE_LINUX=\"quiet mandos=connect,off\"\n"),
        new("mandos= misspelled", "command-line.unknown", "mandos=conect is not a known setting", 1,
            m => m.Files["/boot/grub/grub.cfg"] = SampleMachine.Grub("mandos=conect")),
        new("IPv6 off", "command-line.ipv6", "IPv6 is off", 1,
            m => m.Files["/boot/grub/grub.cfg"] = SampleMachine.Grub("quiet ipv6.disable=1")),
    ];

    private static IEnumerable<Fault> Disks() =>
    [
        new("crypttab without initramfs", "disks.none disks.root", "it has no line of crypttab(5)", 2, m =>
        {
            m.InImage.Add("cryptroot/crypttab", "");
            m.Files["/etc/crypttab"] = "root UUID=6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c001 none luks,x-initrd.attach\n";
        }) { Dracut = false },
        new("crypttab without x-initrd.attach", "disks.root", "the encrypted disk root, which the image does not open", 2, m =>
        {
            m.InImage.Remove("etc/crypttab");
            m.Files["/etc/crypttab"] = "root UUID=6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c001 none luks\n";
        }) { Dracut = true },
        new("second disk not in the image", "disks.absent", "the image does not open data", 2,
            m => m.Files["/etc/crypttab"] += $"data /dev/vdb none luks,{(m.IsDracut ? "x-initrd.attach" : "initramfs")}\n"),
        new("keyscript conflicts", "disks.keyscript", "from the keyscript /usr/local/bin/key", 1,
            m => m.InImage.Add("cryptroot/crypttab", "root UUID=x none luks,initramfs,keyscript=/usr/local/bin/key\n")) { Dracut = false },
        new("keyscript with dracut", "disks.keyscript", "which dracut does not support", 1,
            m => m.InImage.Add("etc/crypttab", "root UUID=x none luks,keyscript=/usr/local/bin/key\n")) { Dracut = true },
        new("cryptsetup missing", "disks.program", "no program that opens encrypted disks", 2,
            m => Each(m, m.IsDracut ? "systemd-cryptsetup" : "askpass", m.InImage.Remove)),
        new("dm-crypt missing", "disks.module", "no module dm-crypt", 2, m => Each(m, "dm-crypt", m.InImage.Remove)),
        new("driver of the disk missing", "root.driver", "the disk vda2 needs: virtio_blk", 2,
            m => Each(m, "virtio_blk", m.InImage.Remove)),
    ];

    private static IEnumerable<Fault> Network() =>
    [
        new("driver of the network card missing", "network.driver", "the network card eth0 needs: virtio_net", 2,
            m => Each(m, "/virtio_net", m.InImage.Remove)),
        new("a module that the driver needs is missing", "network.driver", "needs: failover", 2,
            m => Each(m, "/failover", m.InImage.Remove)),
        new("no network driver", "network.none network.driver", "no network driver", 2, m => Each(m, "drivers/net", m.InImage.Remove)),
        new("no modules at all", "network.modules", "contains no kernel modules", 1, m => Each(m, "lib/modules", m.InImage.Remove)),
        new("module ipv6 missing", "network.ipv6", "no module ipv6", 1, m => Each(m, "ipv6", m.InImage.Remove)),
        new("no network card", "network.no-card", "no network card", 1, m => m.Links.Remove("/sys/class/net/eth0")),
        new("network card down", "network.down", "no network card is up (eth0)", 1,
            m => m.Files["/sys/devices/pci0/virtio0/net/eth0/operstate"] = "down\n"),
        new("wireless card without a network hook", "network.wireless", "no network hook connects it", 1,
            m => m.Files["/sys/devices/pci0/virtio0/net/eth0/wireless/x"] = ""),
    ];

    private static IEnumerable<Fault> Boots() =>
    [
        new("no kernel", "boot.kernel", "no kernel in /boot", 2, m =>
        {
            m.Files.Remove(Boot + SampleImage.Kernel);
            m.Files.Remove("/boot/grub/grub.cfg");
        }),
        new("no image", "boot.image", $"does not exist: {SampleMachine.Image}", 2, m => m.Content = _ => []),
        new("image truncated on a full /boot", "image.damaged", "truncated", 2, m => m.Content = image => ImageFile.Gzip(image)[..700]),
        new("image of another kind", "image.builder", "neither initramfs-tools nor dracut", 2, m =>
        {
            Each(m, "dracut", m.InImage.Remove);
            Each(m, "scripts/functions", m.InImage.Remove);
        }),
        new("full /boot", "boot.space", "the next one will not fit", 1, m => m.FreeSpace = 100),
        new("second kernel without an image", "kernels.other", $"{Old}, /boot/initrd.img-{Old}, does not exist", 1,
            m => m.Files[Boot + Old] = "kernel"),
        new("second kernel without the client", "kernels.other", "does not contain the client", 1, m =>
        {
            m.Files[Boot + Old] = "kernel";
            m.Others[$"/boot/initrd.img-{Old}"] = SampleImage.OfInitramfsTools();
            foreach (var path in m.Others[$"/boot/initrd.img-{Old}"].Paths("mandos"))
                m.Others[$"/boot/initrd.img-{Old}"].Remove(path);
        }),
    ];

    private static IEnumerable<Fault> Age() =>
    [
        new("image older than crypttab", "image.old", "older than /etc/crypttab", 1, m => m.Newer.Add("/etc/crypttab")),
        new("image older than a network hook", "image.old", "/etc/mandos/network-hooks.d/bridge", 1, m =>
        {
            m.Files["/etc/mandos/network-hooks.d/bridge"] = "#!/bin/sh\n";
            m.Newer.Add("/etc/mandos/network-hooks.d/bridge");
        }),
        new("image older than plugin-runner.conf", "configuration.old", "plugin-runner.conf has changed", 1,
            m => m.Files["/etc/mandos/plugin-runner.conf"] = "--debug\n") { Dracut = false },
        new("image older than the client", "client.old", "another version", 1,
            m => m.Files["/usr/lib/x86_64-linux-gnu/mandos/plugins.d/mandos-client"] = "a newer client"),
    ];

    // What each of them means is decided by the test of the client; here its results.
    private static IEnumerable<Fault> Fetching() =>
    [
        Fetch("client disabled at the server", 2, "no password: the client is disabled at the server 192.0.2.1", "fetch"),
        Fetch("key rotated on one side only", 2, "no password: the server 192.0.2.1 does not know this key", "fetch"),
        Fetch("wrong passphrase at the server", 2, "the password does not open /dev/vda2", "fetch"),
        Fetch("no server announces itself", 2, "no password: no server was found", "fetch"),
        Fetch("firewall drops", 2, "no password: the server 192.0.2.1 does not answer", "fetch"),
        Fetch("only one of two servers answers", 1, "the password came, but one server does not answer", "fetch"),
        Fetch("the test cannot be made", 3, "cannot test: not root", "fetch.impossible"),
        Fetch("upstream's client", 64, "unrecognized option '--test'", "fetch.impossible"),
        new("the client does not run", "fetch.impossible", "cannot be started, or does not exit", 2, m => m.Client = null),
    ];

    private static Fault Fetch(string name, int exitCode, string line, string id) =>
        new(
            name, id, line, exitCode == 1 ? 1 : 2,
            m => m.Client = exitCode == 64 ? new(64, "", line + "\n") : new(exitCode, $"found\n{line}\n", ""));

    private static void Each(SampleMachine machine, string part, Action<string> change)
    {
        foreach (var path in machine.InImage.Paths(part))
            change(path);
    }

    /// <summary>Puts keys into a directory of a rotation, or into use.</summary>
    internal static void Rotate(SampleMachine machine, string directory, IReadOnlyDictionary<string, byte[]> keys)
    {
        machine.Files["/etc/keys/mandos/rotation/servers"] = "admin@server\n";
        machine.Files["/proc/sys/kernel/random/boot_id"] = "this boot\n";
        foreach (var (name, content) in keys)
            machine.Secrets[directory.Length > 0 ? $"/etc/keys/mandos/rotation/{directory}/{name}" : $"/etc/keys/mandos/{name}"] = content;
    }
}
