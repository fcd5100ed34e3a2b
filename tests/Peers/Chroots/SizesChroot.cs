namespace Mandos.Peers.Chroots;

/// <summary>
/// A root file system with a kernel, initramfs-tools and cryptsetup, whose /srv holds packages with what they depend on,
/// to be installed without a network. It is never changed.
/// </summary>
public static class SizesChroot
{
    /// <summary>The chroot of a release, made (about a minute) if it is not in the cache.</summary>
    /// <param name="release">Of Debian.</param>
    /// <param name="packages">Each lies in <c>/srv/PACKAGE</c>.</param>
    /// <param name="cancellationToken">Ends the making.</param>
    public static Task<string> GetAsync(DebianRelease release, IReadOnlyList<string> packages, CancellationToken cancellationToken) =>
        Chroot.GetAsync($"sizes-{release.Suite}", Resources.Text("make-sizes-chroot.sh"), release, packages, cancellationToken);
}
