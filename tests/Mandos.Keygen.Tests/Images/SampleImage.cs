using System.Text;

namespace Mandos.Keygen.Tests.Images;

/// <summary>The files of a small image, as the real builders place them; a test changes them.</summary>
internal sealed class SampleImage
{
    public const string Kernel = "6.1.0-2-amd64";
    public const uint File = 0x8000, Link = 0xa000, Directory = 0x4000;

    /// <summary>A program, as far as anyone looks.</summary>
    public static readonly byte[] Program = "\u007fELF client"u8.ToArray();

    private readonly SortedDictionary<string, (uint Mode, uint Owner, byte[] Content)> _files = new(StringComparer.Ordinal);

    private static readonly string[] Modules =
    [
        "drivers/net/virtio_net", "drivers/net/net_failover", "net/core/failover", "net/ipv6/ipv6", "drivers/md/dm-crypt",
        "drivers/block/virtio_blk",
    ];

    public static IReadOnlyList<string> KeyNames { get; } = ["pubkey.txt", "seckey.txt", "tls-privkey.pem", "tls-pubkey.pem"];

    /// <summary>Where the keys are.</summary>
    public required string Keys { get; init; }

    /// <summary>As initramfs-tools builds it.</summary>
    public static SampleImage OfInitramfsTools(Func<string, byte[]>? key = null)
    {
        var image = new SampleImage { Keys = "conf/conf.d/mandos" };
        image.AddCommon(key);
        image.Add("scripts/functions", "functions");
        foreach (var stage in new[] { "init-premount", "local-premount", "init-bottom" })
        {
            image.Add($"scripts/{stage}/mandos", "#!/bin/sh\n", 0b111_101_101);
            image.Add($"scripts/{stage}/ORDER", $"/scripts/{stage}/mandos \"$@\"\n[ -e /conf/param.conf ] && . /conf/param.conf\n");
        }

        image.Add("usr/lib/mandos/plugins.d/mandos-client", Program, 0b111_101_101);
        foreach (var name in new[] { "plugin-runner", "mandos-to-cryptroot-unlock", "kernel-parameters" })
            image.AddLink($"usr/lib/mandos/{name}", "plugins.d/mandos-client");
        image.Add("conf/conf.d/mandos/plugin-runner.conf", "--groupid=992\n--userid=997\n# options\n");
        image.Add("cryptroot/crypttab", "root UUID=6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c001 none luks,initramfs\n", 0b110_000_000);
        image.Add("usr/lib/cryptsetup/askpass", Program, 0b111_101_101);
        return image;
    }

    /// <summary>As dracut builds it, with systemd or without.</summary>
    public static SampleImage OfDracut(Func<string, byte[]>? key = null, bool systemd = true)
    {
        var image = new SampleImage { Keys = "etc/mandos/keys" };
        image.AddCommon(key);
        image.Add("usr/lib/dracut/modules.txt", "mandos\ncrypt\n");
        image.Add("usr/lib/mandos/mandos-client", Program, 0b111_101_101);
        image.AddLink("usr/lib/dracut/hooks", "../../../var/lib/dracut/hooks");
        image.Add("var/lib/dracut/hooks/cmdline/20-mandos-cmdline.sh", "#!/bin/sh\n", 0b111_101_101);
        image.Add("etc/crypttab", "root UUID=6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c001 none luks,x-initrd.attach\n");
        if (systemd)
        {
            image.Add("usr/lib/systemd/systemd", Program, 0b111_101_101);
            image.Add("usr/bin/systemd-cryptsetup", Program, 0b111_101_101);
            image.AddLink("usr/lib/systemd/systemd-cryptsetup", "../../bin/systemd-cryptsetup");
            image.AddLink("usr/lib/mandos/password-agent", "mandos-client");
            image.Add("usr/lib/systemd/system/ask-password-mandos.service", "[Service]\n");
            image.Add("usr/lib/systemd/system/ask-password-mandos.path", "[Path]\n");
            image.AddLink("usr/lib/systemd/system/sysinit.target.wants/ask-password-mandos.path", "../ask-password-mandos.path");
        }
        else
        {
            image.Add("usr/sbin/cryptsetup", Program, 0b111_101_101);
            image.AddLink("usr/lib/mandos/plugin-runner", "mandos-client");
            image.AddLink("usr/lib/mandos/plugins.d/mandos-client", "../mandos-client");
            image.Add("usr/lib/mandos/ask-for-password.sh", "#!/bin/sh\n");
            image.Add("usr/lib/dracut-crypt-lib.sh", "#!/bin/sh\n");
            image.Add("etc/mandos/plugin-runner.conf", "--userid=997\n# options\n");
        }

        return image;
    }

    public void Add(string path, string content, uint mode = 0b110_100_100) => Add(path, Encoding.UTF8.GetBytes(content), mode);

    public void Add(string path, byte[] content, uint mode = 0b110_100_100, uint owner = 0) =>
        _files[path] = (File | mode, owner, content);

    public void AddLink(string path, string target) => _files[path] = (Link | 0x1ff, 0, Encoding.UTF8.GetBytes(target));

    public void Remove(string path) => Assert.True(_files.Remove(path), path);

    public void SetMode(string path, uint mode, uint owner = 0) => _files[path] = (File | mode, owner, _files[path].Content);

    public string Text(string path) => Encoding.UTF8.GetString(_files[path].Content);

    /// <summary>The paths that contain a text.</summary>
    public IReadOnlyList<string> Paths(string part) =>
        [.. _files.Keys.Where(path => path.Contains(part, StringComparison.Ordinal))];

    /// <summary>The archive, with the directories.</summary>
    public byte[] ToArchive()
    {
        var archive = new CpioWriter();
        var directories = new HashSet<string> { "" };
        foreach (var (path, (mode, owner, content)) in _files)
        {
            AddDirectory(Path.GetDirectoryName(path)!);
            archive.Add(path, mode, content, owner);
        }

        return archive.Finish();

        void AddDirectory(string directory)
        {
            if (!directories.Add(directory))
                return;
            AddDirectory(Path.GetDirectoryName(directory)!);
            archive.Add(directory, Directory | 0b111_101_101, []);
        }
    }

    private void AddCommon(Func<string, byte[]>? key)
    {
        AddLink("lib", "usr/lib");
        AddLink("sbin", "usr/sbin");
        foreach (var name in KeyNames)
            Add($"{Keys}/{name}", key?.Invoke(name) ?? Encoding.UTF8.GetBytes(name), 0b110_000_000);
        foreach (var module in Modules)
            Add($"usr/lib/modules/{Kernel}/kernel/{module}.ko.xz", "module");
        Add(
            $"usr/lib/modules/{Kernel}/modules.dep",
            "kernel/drivers/net/virtio_net.ko.xz: kernel/drivers/net/net_failover.ko.xz kernel/net/core/failover.ko.xz\n");
        Add($"usr/lib/modules/{Kernel}/modules.builtin", "kernel/drivers/virtio/virtio.ko\nkernel/drivers/virtio/virtio_pci.ko\n");
    }
}
