namespace Mandos.Peers.Chroots;

/// <summary>The scripts of Debian's zfs-dracut, as they are.</summary>
public static class OpenZfsScripts
{
    /// <summary>Their folder, made in half a minute if it is not in the cache.</summary>
    public static async Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken)
    {
        var folder = await Chroot.MakeAsync(
            $"openzfs-{release.Suite}", Resources.Text("make-openzfs-scripts.sh"), [release.Suite], cancellationToken);
        return Path.Combine(folder, "usr/lib/dracut/modules.d/90zfs");
    }
}
