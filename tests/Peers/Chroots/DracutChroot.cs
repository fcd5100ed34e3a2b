namespace Mandos.Peers.Chroots;

/// <summary>The root file systems of machines whose initramfs is made by dracut. They are never changed.</summary>
public static class DracutChroot
{
    // Debian 13 has what opens disks for systemd in its own package.
    private static readonly Dictionary<DebianRelease, string[]> Packages = new()
    {
        [DebianRelease.Bookworm] =
            ["dracut", "systemd", "systemd-sysv", "cryptsetup-bin", "kmod", "iproute2", "cpio", "linux-image-cloud-amd64"],
        [DebianRelease.Trixie] =
            ["dracut", "systemd", "systemd-sysv", "systemd-cryptsetup", "cryptsetup-bin", "kmod", "iproute2", "cpio",
                "linux-image-cloud-amd64"],
    };

    /// <summary>The chroot of a release, made (about a minute) if it is not in the cache.</summary>
    public static Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken) =>
        Chroot.GetAsync(
            $"dracut-{release.Suite}", Resources.Text("make-dracut-chroot.sh"), release, Packages[release], cancellationToken);
}
