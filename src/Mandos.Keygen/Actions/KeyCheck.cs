using Mandos.Core.Keys;
using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.OpenPgp.Messages;
using Mandos.Core.Secrets;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Hosting;
using Mandos.Keygen.KeyFiles;
using Mandos.Keygen.Passwords;

namespace Mandos.Keygen.Actions;

/// <summary>
/// Checks the key files of a directory as the boot client will read them and, if given, a secret for them. Reports all faults, not only the
/// first.
/// </summary>
/// <param name="directory">The directory of the key files.</param>
/// <param name="secretFile">The file with a secret to decrypt; null for none.</param>
/// <param name="surroundings">The outputs for the findings.</param>
internal sealed class KeyCheck(string directory, string? secretFile, KeygenEnvironment surroundings)
{
    private const string Restore = "restore the key files from a backup, or make new keys with --force";

    private readonly List<KeygenException> _faults = [];
    private readonly List<string> _warnings = [];

    /// <summary>What makes the keys or the secret useless at boot.</summary>
    public IReadOnlyList<KeygenException> Faults => _faults;

    /// <summary>What does not matter at boot.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Prints a line for each fault; true if there are none.</summary>
    public bool Run(Action<KeygenException> report)
    {
        Examine();
        foreach (var warning in _warnings)
            surroundings.Error.WriteLine($"mandos-keygen: warning: {warning}");
        _faults.ForEach(report);
        if (_faults.Count == 0)
            surroundings.Output.WriteLine(
                secretFile is null
                    ? "the key files can be used"
                    : "the key files can be used, and the secret can be decrypted with them");
        return _faults.Count == 0;
    }

    /// <summary>Fills <see cref="Faults"/> and <see cref="Warnings"/>; prints nothing.</summary>
    /// <exception cref="KeygenException">The directory cannot be read.</exception>
    public void Examine()
    {
        KeyDirectory.Check(directory);
        if (KeyFileTransaction.IsPending(directory))
            Add(new($"{directory} has new keys that were not installed", new RotationFolder(directory).Exists
                ? "run 'mandos-keygen rotate', which completes that"
                : "run mandos-keygen again, without --check"));
        CheckOpenPgp(CheckTls());
    }

    private KeyId? CheckTls()
    {
        using var publicPem = Read(KeyDirectory.TlsPublicKey);
        using var privatePem = Read(KeyDirectory.TlsPrivateKey);
        if (publicPem is null || privatePem is null)
            return null;
        try
        {
            using var pair = TlsKeyPair.Parse(publicPem.Span, privatePem.Span);
            return pair.KeyId;
        }
        catch (KeyFormatException error)
        {
            Add(AreSwapped(publicPem, privatePem)
                ? Swapped(KeyDirectory.TlsPublicKey, KeyDirectory.TlsPrivateKey)
                : new($"{KeyDirectory.TlsPublicKey} and {KeyDirectory.TlsPrivateKey}: {error.Message}", Restore));
            return null;
        }
    }

    private static bool AreSwapped(SecretBuffer publicPem, SecretBuffer privatePem)
    {
        try
        {
            using var pair = TlsKeyPair.Parse(privatePem.Span, publicPem.Span);
            return true;
        }
        catch (KeyFormatException)
        {
            return false;
        }
    }

    private void CheckOpenPgp(KeyId? keyId)
    {
        using var secretKey = Read(KeyDirectory.SecretKey);
        using var publicFile = Read(KeyDirectory.PublicKey);
        if (secretKey is null || publicFile is null)
            return;
        using var secretKeys = ReadSecretKeys(secretKey, publicFile);
        var publicKeys = Try(() => PublicKeyRing.Parse(publicFile.Span), KeyDirectory.PublicKey);
        if (secretKeys is null || publicKeys is null)
            return;
        CheckPair(secretKey, publicFile);
        if (secretFile is { } file)
            CheckSecret(file, keyId, secretKeys, publicKeys);
    }

    private SecretKeyRing? ReadSecretKeys(SecretBuffer secretKey, SecretBuffer publicFile)
    {
        try
        {
            return SecretKeyRing.Parse(secretKey.Span);
        }
        catch (KeyFormatException error)
        {
            try
            {
                SecretKeyRing.Parse(publicFile.Span).Dispose();
                Add(Swapped(KeyDirectory.PublicKey, KeyDirectory.SecretKey));
            }
            catch (KeyFormatException)
            {
                Add(new($"{KeyDirectory.SecretKey}: {error.Message}", Restore));
            }

            return null;
        }
    }

    private void CheckPair(SecretBuffer secretKey, SecretBuffer publicFile)
    {
        try
        {
            using var keys = StoredKeys.Parse(secretKey.Span, publicFile.Span);
            CheckEncryption(keys);
        }
        catch (UnreadableKeyException)
        {
            // The client's own reader has accepted them before.
            _warnings.Add("the boot client can use these OpenPGP keys, but no new secret can be made for them here (new keys: --force)");
        }
        catch (KeygenException error)
        {
            Add(error);
        }
    }

    // The boot client can decrypt with an expired key, but no new secret can be created for it.
    private void CheckEncryption(StoredKeys keys)
    {
        try
        {
            keys.EncryptionKey(surroundings.Time.GetUtcNow());
        }
        catch (KeygenException error)
        {
            _warnings.Add(
                $"{error.Message}; the boot client still decrypts existing secrets, but a new password needs new keys (--force)");
        }
    }

    private void CheckSecret(string file, KeyId? keyId, SecretKeyRing secretKeys, PublicKeyRing publicKeys)
    {
        using var content = PasswordFile.Read(file, surroundings.StandardInput);
        using var message = SecretText.Find(content, keyId, out var problem);
        if (message is null)
        {
            Add(new($"{Name(file)}: {problem}", "give a section of clients.conf, or only the secret"));
            return;
        }

        var result = MessageReader.Read(message.Span, secretKeys, publicKeys);
        using var plaintext = result.Plaintext;
        if (result.Outcome != MessageOutcome.Decrypted)
        {
            var fault = MessageFault.Of(message.Span) is { } seen
                ? $"the secret {seen}"
                : $"the secret cannot be decrypted at boot: {result.Detail}";
            Add(new($"{Name(file)}: {fault}", "generate it again on this machine: mandos-keygen --password"));
        }
        else if (result.Signature != SignatureState.Valid)
        {
            _warnings.Add(
                $"{Name(file)}: {result.Detail}; the boot client waits three seconds for a signed message before it uses this one");
        }
    }

    private SecretBuffer? Read(string name)
    {
        try
        {
            return KeyFile.Read(directory, name);
        }
        catch (KeygenException error)
        {
            Add(error);
            return null;
        }
    }

    private T? Try<T>(Func<T> parse, string name)
        where T : class
    {
        try
        {
            return parse();
        }
        catch (KeyFormatException error)
        {
            Add(new($"{name}: {error.Message}", Restore));
            return null;
        }
    }

    private void Add(KeygenException fault) => _faults.Add(fault);

    private static KeygenException Swapped(string first, string second) =>
        new($"{first} and {second} are swapped", "rename each to the other's name");

    private static string Name(string file) => file == PasswordFile.StandardInput ? "standard input" : file;
}
