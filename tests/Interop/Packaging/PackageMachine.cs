using System.Text;

namespace Mandos.Interop.Packaging;

/// <summary>
/// A machine that packages are installed on: with initramfs-tools, cryptsetup and one kernel that is only a name. Our
/// packages lie in artifacts/deb under root's home, those of Debian are its archive; there is no other network.
/// </summary>
internal sealed class PackageMachine(Machine machine, CancellationToken token)
{
    private const string Home = "/root";
    private const string Image = "/boot/initrd.img-6.1.0-test-amd64";

    public Machine Machine => machine;

    public static async Task<PackageMachine> StartAsync(Laboratory laboratory, DebianRelease release) =>
        await StartAsync(laboratory, await PackageChroot.GetAsync(release, laboratory.Token));

    /// <summary>One that rebuilds no initramfs image, which takes most of the time of an installation.</summary>
    public static async Task<PackageMachine> WithoutImagesAsync(Laboratory laboratory, DebianRelease release)
    {
        var package = await StartAsync(laboratory, release);
        package.Machine.WriteFile("/etc/initramfs-tools/update-initramfs.conf", "update_initramfs=no\n");
        return package;
    }

    /// <summary>One whose archive holds dracut and initramfs-tools.</summary>
    public static async Task<PackageMachine> WithGeneratorsAsync(Laboratory laboratory, DebianRelease release) =>
        await StartAsync(laboratory, await PackageChroot.WithGeneratorsAsync(release, laboratory.Token));

    private static async Task<PackageMachine> StartAsync(Laboratory laboratory, string chroot)
    {
        var machine = await laboratory.MachineAsync("client", chroot);
        foreach (var package in PublishedPackages.All)
        {
            var file = PublishedPackages.File(package);
            machine.WriteFile(
                $"{Home}/artifacts/deb/{Path.GetFileName(file)}", await File.ReadAllBytesAsync(file, laboratory.Token),
                (UnixFileMode)0b110_100_100);
        }

        // Most of the time would go into a smaller image and into modules that no test looks at.
        machine.WriteFile("/etc/initramfs-tools/conf.d/quick", "COMPRESS=gzip\nCOMPRESSLEVEL=1\nMODULES=list\n");
        machine.WriteFile(
            "/etc/dracut.conf.d/quick.conf",
            "compress=\"zstd -1 -T0\"\ndo_strip=\"no\"\ndo_hardlink=\"no\"\nno_kernel=\"yes\"\nomit_dracutmodules+=\" kernel-modules "
                + "kernel-modules-extra overlay-root usrmount terminfo shutdown hwdb qemu fido2 pkcs11 lunmask resume virtiofs nvdimm \"\n");
        return new(machine, laboratory.Token);
    }

    /// <summary>
    /// Runs commands in root's home, as one would type them; they must succeed. The result is all that they printed; apt gives
    /// dpkg a terminal, whose carriage returns are left out.
    /// </summary>
    public async Task<string> RunAsync(string commands)
    {
        var options =
            new ProcessOptions
            {
                Environment = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" },
                LogOutput = true
            };
        var done = await machine.RunAsync(options, TimeSpan.FromMinutes(5), token, "/bin/sh", "-euc", $"exec 2>&1; cd {Home}\n{commands}");
        return done.OrThrow().Text.ReplaceLineEndings("\n");
    }

    /// <summary>The status of a package in dpkg's words, for example <c>install ok installed</c>; empty if it is unknown.</summary>
    public async Task<string> StatusAsync(string package) =>
        (await RunAsync($"dpkg-query -W -f '${{Status}}' {package} 2>/dev/null || :")).Trim();

    /// <summary>Lays keys, and the parameters that the original would make for minutes.</summary>
    public void InstallKeys(KeySet keys)
    {
        keys.InstallOn(machine);
        machine.WriteFile($"{KeySet.Folder}/dhparams.pem", "not made anew\n");
        File.SetUnixFileMode(machine.HostPath(KeySet.Folder), (UnixFileMode)0b111_000_000);
    }

    /// <summary>The key files that are there.</summary>
    public KeySet Keys() =>
        new(Implementation.Ours, KeySet.Names.ToDictionary(n => n, n => machine.ReadFile($"{KeySet.Folder}/{n}")));

    /// <summary>What the initramfs holds: paths without leading slash.</summary>
    public async Task<string[]> ImageFilesAsync() => (await RunAsync($"lsinitramfs {Image}")).Split('\n');

    /// <summary>Runs the plugin runner that the initramfs holds, with the initramfs as its root; what it prints.</summary>
    public async Task<byte[]> FetchFromImageAsync(string server)
    {
        const string unpacked = "/tmp/image";
        await RunAsync(
            $"rm -rf {unpacked}; unmkinitramfs {Image} {unpacked}; chmod 755 {unpacked}; cd {unpacked}; mkdir -p tmp run proc sys "
                + "dev; chmod 1777 tmp; mount -t tmpfs -o mode=755 run run; mount -t proc proc proc; mount --bind /sys sys; mount "
                    + "--bind /dev dev");
        try
        {
            var done = await machine.RunAsync(
                new(), TimeSpan.FromSeconds(60), token, "/usr/sbin/chroot", unpacked, "/lib/mandos/plugin-runner",
                "--disable=password-prompt", "--disable=plymouth", "--disable=askpass-fifo", "--disable=splashy", "--disable=usplash",
                $"--options-for=mandos-client:--connect={server}");
            return done.OrThrow().Output;
        }
        finally
        {
            await RunAsync($"umount -l {unpacked}/proc {unpacked}/sys {unpacked}/dev {unpacked}/run");
        }
    }

    /// <summary>
    /// What a package must not leave behind: all files with kind, mode and owner, the content of those in /etc, the users.
    /// Left out: what dpkg, apt and the tools for users keep for themselves.
    /// </summary>
    public Task<string> SnapshotAsync() => RunAsync("""
        find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /root -o -path /opt \
          -o -path /var/log -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path '/etc/*-' \) -prune \
          -o -printf '%p %y %m %u %g\n' | LC_ALL=C sort
        find /etc -xdev -type f ! -path '/etc/*-' ! -name '*shadow' -exec md5sum {} + | LC_ALL=C sort -k 2
        """);

    /// <summary>The text of a file of the machine.</summary>
    public string Text(string path) => Encoding.UTF8.GetString(machine.ReadFile(path));
}
