namespace Mandos.Peers.Chroots;

/// <summary>Root file systems with a kernel, initramfs-tools and cryptsetup's part of an initramfs. They are never changed.</summary>
public static class InitramfsChroot
{
    private static readonly string[] Packages =
    [
        "initramfs-tools", "cryptsetup-initramfs", "linux-image-cloud-amd64", "busybox", "zstd", "udev", "iproute2", "procps", "strace",
        "python3-minimal", "libpython3-stdlib",
    ];

    /// <summary>The chroot of a release, made (about half a minute) if it is not in the cache.</summary>
    public static Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken) =>
        Chroot.GetAsync($"initramfs-{release.Suite}", "make-initramfs-chroot.sh", release.Suite, Packages, cancellationToken);
}
