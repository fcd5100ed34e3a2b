using Mandos.Keygen.Failures;

namespace Mandos.Keygen.KeyFiles;

/// <summary>The directory of the key files.</summary>
internal static class KeyDirectory
{
    /// <summary>The default directory.</summary>
    public const string Default = "/etc/keys/mandos";

    /// <summary>The directory that old installations use.</summary>
    public const string Older = "/etc/mandos/keys";

    public const string SecretKey = "seckey.txt";
    public const string PublicKey = "pubkey.txt";
    public const string TlsPrivateKey = "tls-privkey.pem";
    public const string TlsPublicKey = "tls-pubkey.pem";

    /// <summary>The names of all key files.</summary>
    public static IReadOnlyList<string> Names { get; } = [SecretKey, PublicKey, TlsPrivateKey, TlsPublicKey];

    /// <summary>Whether a directory has all key files.</summary>
    public static bool HasAll(string directory) => Names.All(name => File.Exists(Path.Combine(directory, name)));

    /// <summary>Returns the requested directory, or the default one.</summary>
    public static string Choose(string? wish) => wish ?? (Directory.Exists(Default) ? Default : Older);

    /// <summary>The same for a command that may make the keys: in the default directory, unless only the older one exists.</summary>
    public static string ChooseForNewKeys(string? wish) => wish ?? (Directory.Exists(Older) ? Choose(wish) : Default);

    /// <exception cref="KeygenException">The directory does not exist, or cannot be listed.</exception>
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
