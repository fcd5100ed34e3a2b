namespace Mandos.Peers.Chroots;

/// <summary>A Debian release whose packages are the real counterparts.</summary>
/// <param name="Suite">Its archive name, for example <c>bookworm</c>.</param>
/// <param name="Packages">What is installed besides the original's own two packages and plymouth.</param>
public sealed record DebianRelease(string Suite, IReadOnlyList<string> Packages)
{
    private static readonly string[] Everywhere =
    [
        "dbus", "avahi-daemon", "avahi-utils", "gnupg", "gpgsm", "gnutls-bin", "openssl", "python3-dbus", "python3-gi",
        "iproute2", "procps", "strace", "cryptsetup-bin", "fping", "libavahi-core7", "libnl-route-3-200",
        "systemd", "libdrm2", "libudev1",
    ];

    /// <summary>Debian 12: the original 1.8.16, GnuTLS 3.7, gpg 2.2.</summary>
    public static DebianRelease Bookworm { get; } = new("bookworm", [.. Everywhere, "libgpgme11", "libpng16-16"]);

    /// <summary>Debian 13: the original 1.8.19, GnuTLS 3.8, gpg 2.4, OpenSSL 3.5, sq.</summary>
    public static DebianRelease Trixie { get; } = new(
        "trixie", [.. Everywhere, "libgpgme11t64", "libpng16-16t64", "libevdev2", "libxkbcommon0", "sq"]);

    /// <summary>Both, oldest first.</summary>
    public static IReadOnlyList<DebianRelease> All { get; } = [Bookworm, Trixie];

    /// <summary>By archive name.</summary>
    public static DebianRelease Named(string suite) => All.First(r => r.Suite == suite);

    /// <inheritdoc/>
    public override string ToString() => Suite;
}
