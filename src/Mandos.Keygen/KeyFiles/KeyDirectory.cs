using Mandos.Keygen.Failures;

namespace Mandos.Keygen.KeyFiles;

/// <summary>Which directory holds the key files, and what they are called.</summary>
internal static class KeyDirectory
{
    /// <summary>Where key files are.</summary>
    public const string Default = "/etc/keys/mandos";

    /// <summary>Where installations of old have them.</summary>
    public const string Older = "/etc/mandos/keys";

    public const string SecretKey = "seckey.txt";
    public const string PublicKey = "pubkey.txt";
    public const string TlsPrivateKey = "tls-privkey.pem";
    public const string TlsPublicKey = "tls-pubkey.pem";

    /// <summary>The directory that was asked for, or else the default one.</summary>
    public static string Choose(string? wish) => wish ?? (Directory.Exists(Default) ? Default : Older);

    /// <exception cref="KeygenException">It is not there, or cannot be listed.</exception>
    public static void Check(string directory)
    {
        if (directory.Length == 0)
            throw new KeygenException("the name of the key directory is empty");
        if (File.Exists(directory))
            throw new KeygenException($"{directory} is not a directory");
        if (!Directory.Exists(directory))
            throw new KeygenException(
                $"the key directory {directory} does not exist",
                $"create it with 'install -d -m 700 {directory}', or specify another with --dir");
        try
        {
            _ = Directory.EnumerateFileSystemEntries(directory).Any();
        }
        catch (UnauthorizedAccessException)
        {
            throw new KeygenException($"the key directory {directory} cannot be read", "run this as root");
        }
    }
}
