namespace Mandos.Client.CommandLine;

/// <summary>Where the four keys lie.</summary>
/// <param name="OpenPgpPublic">OpenPGP public key.</param>
/// <param name="OpenPgpSecret">OpenPGP secret key, without a passphrase.</param>
/// <param name="TlsPublic">PEM SubjectPublicKeyInfo.</param>
/// <param name="TlsPrivate">PEM PKCS#8.</param>
internal sealed record KeyPaths(string OpenPgpPublic, string OpenPgpSecret, string TlsPublic, string TlsPrivate)
{
    private const string ImageFolder = "/conf/conf.d/mandos";
    private const string DracutImageFolder = "/etc/mandos/keys";

    // In a running system, from where images get them.
    private const string SystemFolder = "/etc/keys/mandos";

    /// <summary>Where an image of initramfs-tools has them.</summary>
    internal static KeyPaths Default { get; } = In(ImageFolder);

    /// <summary>The first place there is; that of the image if there is none.</summary>
    internal static KeyPaths Find(Func<string, bool> directoryExists)
    {
        foreach (var folder in new[] { ImageFolder, SystemFolder, DracutImageFolder })
        {
            if (directoryExists(folder))
                return In(folder);
        }

        return Default;
    }

    /// <summary>True for the places where an image of initramfs-tools or dracut has the keys.</summary>
    internal static bool IsOfImage(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash > 0 && path[..slash] is ImageFolder or DracutImageFolder
            && path[(slash + 1)..] is "pubkey.txt" or "seckey.txt" or "tls-pubkey.pem" or "tls-privkey.pem";
    }

    private static KeyPaths In(string folder) =>
        new($"{folder}/pubkey.txt", $"{folder}/seckey.txt", $"{folder}/tls-pubkey.pem", $"{folder}/tls-privkey.pem");
}
