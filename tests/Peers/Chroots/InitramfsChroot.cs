namespace Mandos.Peers.Chroots;

/// <summary>Root file systems with a kernel, initramfs-tools and cryptsetup's part of an initramfs. They are never changed.</summary>
public static class InitramfsChroot
{
    private static readonly string[] Packages =
    [
        "initramfs-tools", "cryptsetup-initramfs", "linux-image-cloud-amd64", "busybox", "zstd", "udev", "iproute2", "procps", "strace",
        "python3-minimal", "libpython3-stdlib",
        // The stub of unified kernel images.
        "systemd-boot-efi",
    ];

    // What assembles them; in Debian 12 the manual of the stub shows how objcopy does it.
    private static readonly string[] OfTrixie = ["systemd-ukify"];

    /// <summary>The chroot of a release, made (about half a minute) if it is not in the cache.</summary>
    public static Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken) =>
        Chroot.GetAsync(
            $"initramfs-{release.Suite}", Resources.Text("make-initramfs-chroot.sh"), release,
            release == DebianRelease.Trixie ? [.. Packages, .. OfTrixie] : Packages, cancellationToken);
}
