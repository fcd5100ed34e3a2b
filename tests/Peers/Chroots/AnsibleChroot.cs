namespace Mandos.Peers.Chroots;

/// <summary>The root file system of a controller with Debian's ansible-core, and of the machines that it manages.</summary>
public static class AnsibleChroot
{
    private static readonly string[] Packages =
    [
        "ansible-core", "openssh-client", "openssh-server", "python3-apt", "cloud-init", "initramfs-tools", "cryptsetup-initramfs",
        "libsqlite3-0", "libsystemd0", "fping", "cpio",
    ];

    /// <summary>The chroot of Debian 13, made (about a minute) if it is not in the cache.</summary>
    public static Task<string> GetAsync(CancellationToken cancellationToken) =>
        Chroot.GetAsync(
            "ansible-trixie", Resources.Text("make-ansible-chroot.sh"), DebianRelease.Trixie, Packages, cancellationToken);
}
