namespace Mandos.Peers.Chroots;

/// <summary>The root file systems of machines that packages are installed on or looked at.</summary>
public static class PackageChroot
{
    /// <summary>With an initramfs generator and all that the original's packages need: see its script. Made within a minute.</summary>
    public static Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken) =>
        Chroot.GetAsync($"packages-{release.Suite}", Resources.Text("make-package-chroot.sh"), release, [], cancellationToken);

    /// <summary>With a kernel, initramfs-tools, and an archive to change to dracut and back. Made in less than a minute.</summary>
    public static Task<string> WithGeneratorsAsync(DebianRelease release, CancellationToken cancellationToken) =>
        Chroot.GetAsync($"generators-{release.Suite}", Resources.Text("make-generators-chroot.sh"), release, [], cancellationToken);

    /// <summary>With the lintian of a release. Made in less than a minute.</summary>
    public static Task<string> WithLintianAsync(DebianRelease release, CancellationToken cancellationToken) =>
        Chroot.GetAsync($"lintian-{release.Suite}", Resources.Text("make-lintian-chroot.sh"), release, [], cancellationToken);
}
