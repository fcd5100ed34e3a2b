using Mandos.Boot.Guests;

namespace Mandos.Boot.Demo;

/// <summary>Debian 13 as its installer leaves it, without any part of Mandos: chroots that are never changed.</summary>
internal static class FreshDebian
{
    private static readonly string[] OfClient =
    [
        "linux-image-cloud-amd64", "initramfs-tools", "cryptsetup", "cryptsetup-bin", "cryptsetup-initramfs", "udev", "kmod", "zstd",
        "iproute2", "openssh-server", "openssh-client", "e2fsprogs", "busybox-static", "tmux",
    ];

    /// <summary>What our server's package needs, and Debian's installer does not install.</summary>
    private static readonly string[] InArchive = ["libsqlite3-0", "fping"];

    public static DebianRelease Release => DebianRelease.Trixie;

    /// <summary>The machine with the encrypted disk; made (two minutes) if it is not in the cache.</summary>
    public static async Task<GuestSystem> ClientAsync(CancellationToken cancellationToken) =>
        new(await Chroot.GetAsync("demo-client", Text("make-fresh-client.sh"), Release, OfClient, cancellationToken), Release);

    /// <summary>The machine that becomes the Mandos server; made (half a minute) if it is not in the cache.</summary>
    public static Task<string> ServerAsync(CancellationToken cancellationToken) =>
        Chroot.GetAsync("demo-server", Text("make-fresh-server.sh"), Release, InArchive, cancellationToken);

    private static string Text(string script) => Script.Text("fresh.sh") + Script.Text(script);
}
