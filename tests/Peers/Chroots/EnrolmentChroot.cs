namespace Mandos.Peers.Chroots;

/// <summary>The root file systems of machines that are enrolled over ssh: with the original's programs and OpenSSH.</summary>
public static class EnrolmentChroot
{
    /// <summary>The chroot of a release, made (about a minute) if it is not in the cache.</summary>
    public static Task<string> GetAsync(DebianRelease release, CancellationToken cancellationToken) =>
        Chroot.GetAsync(
            $"enrolment-{release.Suite}", Resources.Text("make-chroot.sh"), release,
            [.. release.Packages, "openssh-server", "openssh-client", "cpio"], cancellationToken);
}
