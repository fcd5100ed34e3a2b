using Mandos.Peers.Machines;

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
    public static Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken)
    {
        var script = Resources.Text("make-dracut-chroot.sh");
        var packages = Packages[release];
        return Cache.GetAsync(
            $"dracut-{release.Suite}",
            $"{script}\n{release.Suite}\n{string.Join(' ', packages)}",
            async folder =>
            {
                await Console.Error.WriteLineAsync($"making a Debian chroot with dracut ({release.Suite}) in {Cache.Folder}, once");
                await using var making = RunningProcess.Start(
                    "make-dracut-chroot", "/bin/sh", ["-c", script, "make-dracut-chroot.sh", release.Suite, folder, .. packages], new());
                (await making.WaitAsync(TimeSpan.FromMinutes(20), cancellationToken)).OrThrow();
            },
            cancellationToken);
    }
}
