namespace Mandos.Client.CommandLine;

/// <summary>Where the four keys lie.</summary>
/// <param name="OpenPgpPublic">OpenPGP public key.</param>
/// <param name="OpenPgpSecret">OpenPGP secret key, without a passphrase.</param>
/// <param name="TlsPublic">PEM SubjectPublicKeyInfo.</param>
/// <param name="TlsPrivate">PEM PKCS#8.</param>
internal sealed record KeyPaths(string OpenPgpPublic, string OpenPgpSecret, string TlsPublic, string TlsPrivate)
{
    /// <summary>Where the initramfs image has them.</summary>
    internal static KeyPaths Default { get; } = new(
        "/conf/conf.d/mandos/pubkey.txt",
        "/conf/conf.d/mandos/seckey.txt",
        "/conf/conf.d/mandos/tls-pubkey.pem",
        "/conf/conf.d/mandos/tls-privkey.pem");

    /// <summary>True for the places where an image of initramfs-tools or dracut has the keys.</summary>
    internal static bool IsOfImage(string path) => path is
        "/conf/conf.d/mandos/pubkey.txt" or "/conf/conf.d/mandos/seckey.txt" or "/conf/conf.d/mandos/tls-pubkey.pem" or "/conf/conf.d/mandos/tls-privkey.pem"
        or "/etc/mandos/keys/pubkey.txt" or "/etc/mandos/keys/seckey.txt" or "/etc/mandos/keys/tls-pubkey.pem" or "/etc/mandos/keys/tls-privkey.pem";
}
