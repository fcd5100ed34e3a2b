namespace Mandos.Peers.Chroots;

/// <summary>The root file systems of machines that systemd really runs: with all that our server works with.</summary>
public static class ServiceChroot
{
    /// <summary>The chroot of a release, made (about half a minute) if it is not in the cache.</summary>
    public static Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken) =>
        Chroot.GetAsync($"service-{release.Suite}", Resources.Text("make-service-chroot.sh"), release, [], cancellationToken);
}
