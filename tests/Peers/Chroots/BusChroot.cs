namespace Mandos.Peers.Chroots;

/// <summary>The root file systems of machines with a user of mandos-monitor: with all that mandos-monitor needs, and tmux.</summary>
public static class BusChroot
{
    /// <summary>The chroot of a release, made (about half a minute) if it is not in the cache.</summary>
    public static Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken) =>
        Chroot.GetAsync(
            $"bus-{release.Suite}", "make-chroot.sh", release.Suite, [.. release.Packages, "python3-urwid", "tmux"], cancellationToken);
}
