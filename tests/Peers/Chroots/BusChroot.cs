namespace Mandos.Peers.Chroots;

/// <summary>The root file systems of machines with an operator: for mandos-monitor, and with nginx and prometheus for mandos-web.</summary>
public static class BusChroot
{
    /// <summary>The chroot of a release, made (about half a minute) if it is not in the cache.</summary>
    public static Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken) =>
        Chroot.GetAsync(
            $"bus-{release.Suite}", Resources.Text("make-chroot.sh"), release,
            [.. release.Packages, "python3-urwid", "tmux", "nginx", "prometheus"], cancellationToken);
}
