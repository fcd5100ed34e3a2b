namespace Mandos.Client.CommandLine;

/// <summary>The paths of the four key files.</summary>
/// <param name="OpenPgpPublic">OpenPGP public key.</param>
/// <param name="OpenPgpSecret">OpenPGP secret key, without a passphrase.</param>
/// <param name="TlsPublic">PEM SubjectPublicKeyInfo.</param>
/// <param name="TlsPrivate">PEM PKCS#8.</param>
internal sealed record KeyPaths(string OpenPgpPublic, string OpenPgpSecret, string TlsPublic, string TlsPrivate)
{
    private const string ImageFolder = "/conf/conf.d/mandos";
    private const string DracutImageFolder = "/etc/mandos/keys";

    // The directory in a running system, from which images get the keys.
    private const string SystemFolder = "/etc/keys/mandos";

    /// <summary>The paths in an image of initramfs-tools.</summary>
    internal static KeyPaths Default { get; } = In(ImageFolder);

    /// <summary>The first directory that exists; that of the image if none does.</summary>
    internal static KeyPaths Find(Func<string, bool> directoryExists)
    {
        foreach (var folder in new[] { ImageFolder, SystemFolder, DracutImageFolder })
        {
            if (directoryExists(folder))
                return In(folder);
        }

        return Default;
    }

    /// <summary>Whether an image of initramfs-tools or dracut keeps the keys at this path.</summary>
    internal static bool IsOfImage(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash > 0 && path[..slash] is ImageFolder or DracutImageFolder
            && path[(slash + 1)..] is "pubkey.txt" or "seckey.txt" or "tls-pubkey.pem" or "tls-privkey.pem";
    }

    private static KeyPaths In(string folder) =>
        new($"{folder}/pubkey.txt", $"{folder}/seckey.txt", $"{folder}/tls-pubkey.pem", $"{folder}/tls-privkey.pem");
}
