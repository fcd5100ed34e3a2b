namespace Mandos.Boot.Guests;

/// <summary>The Debian system that kernels and initramfs of guests come from: a chroot that is never changed.</summary>
/// <param name="Folder">On the host.</param>
/// <param name="Release">Its release.</param>
public sealed record GuestSystem(string Folder, DebianRelease Release)
{
    private static readonly string[] Everywhere =
    [
        "linux-image-cloud-amd64", "cryptsetup", "cryptsetup-bin", "e2fsprogs", "systemd", "systemd-sysv", "udev", "kmod", "busybox-static",
        "zstd",
        "iproute2", "procps", "dpkg-dev",
        // What Debian's mandos-client needs; nothing of it is in an initramfs without that.
        "gnupg", "gpgsm", "gnutls-bin", "libavahi-core7", "libnl-route-3-200",
    ];

    /// <summary>The kernel's version, as in /lib/modules.</summary>
    public string KernelVersion => Path.GetFileName(Directory.EnumerateDirectories(Path.Combine(Folder, "usr/lib/modules")).Single());

    /// <summary>The kernel.</summary>
    public string Kernel => Path.Combine(Folder, "boot", $"vmlinuz-{KernelVersion}");

    /// <summary>The system with that generator, made (about a minute) if it is not in the cache.</summary>
    public static async Task<GuestSystem> GetAsync(DebianRelease release, Generator generator, CancellationToken cancellationToken)
    {
        var name = generator == Generator.InitramfsTools ? "initramfs-tools" : "dracut";
        string[] packages = [.. Everywhere, .. OfGenerator(generator), .. OfRelease(release, generator)];
        var folder = await Chroot.GetAsync(
            $"guest-{release.Suite}-{name}", Script.Text("make-guest.sh"), release, packages, cancellationToken);
        return new(folder, release);
    }

    /// <summary>One with initramfs-tools that can change to dracut by apt, made (two minutes) if it is not in the cache.</summary>
    public static async Task<GuestSystem> BeforeDracutAsync(DebianRelease release, CancellationToken cancellationToken) =>
        new(await PackageChroot.WithGeneratorsAsync(release, cancellationToken), release);

    private static string[] OfGenerator(Generator generator) =>
        generator == Generator.InitramfsTools ? ["initramfs-tools", "cryptsetup-initramfs"] : ["dracut"];

    private static string[] OfRelease(DebianRelease release, Generator generator) => (release == DebianRelease.Bookworm, generator) switch
    {
        (true, _) => ["libgpgme11", "libglib2.0-0"],
        (false, Generator.InitramfsTools) => ["libgpgme11t64", "libglib2.0-0t64"],
        (false, _) => ["libgpgme11t64", "libglib2.0-0t64", "systemd-cryptsetup"],
    };
}
