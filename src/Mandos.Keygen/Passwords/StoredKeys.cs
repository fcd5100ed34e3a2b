using Mandos.Core.Keys;
using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.Secrets;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;

namespace Mandos.Keygen.Passwords;

/// <summary>
/// The keys of a client, created here or by upstream: for encrypting and signing and, separately, as the boot client will read them.
/// </summary>
internal sealed class StoredKeys : IDisposable
{
    private readonly PgpSecretKeyRing _secretRing;
    private readonly PgpPublicKeyRing _publicRing;

    private StoredKeys(ReadOnlySpan<byte> secretArmor, ReadOnlySpan<byte> publicArmor)
    {
        _secretRing = Ring(secretArmor, KeyDirectory.SecretKey, "an OpenPGP secret key", stream => new PgpSecretKeyRing(stream));
        _publicRing = Ring(publicArmor, KeyDirectory.PublicKey, "an OpenPGP public key", stream => new PgpPublicKeyRing(stream));
        if (!_secretRing.GetPublicKey().GetFingerprint().AsSpan().SequenceEqual(_publicRing.GetPublicKey().GetFingerprint()))
            throw new KeygenException(
                $"{KeyDirectory.SecretKey} and {KeyDirectory.PublicKey} belong to different keys",
                "restore them from one backup, or make new ones with --force");
        if (_secretRing.GetSecretKeys().Any(key => key.KeyEncryptionAlgorithm != SymmetricKeyAlgorithmTag.Null))
            throw new KeygenException(
                $"{KeyDirectory.SecretKey} has a passphrase, which cannot be entered at boot", "make new keys with --force");
        BootSecretKeys = SecretKeyRing.Parse(secretArmor);
        BootPublicKeys = PublicKeyRing.Parse(publicArmor);
    }

    /// <summary>The keys that the boot client decrypts with.</summary>
    public SecretKeyRing BootSecretKeys { get; }

    /// <summary>The keys that the boot client verifies with.</summary>
    public PublicKeyRing BootPublicKeys { get; }

    /// <summary>The primary key.</summary>
    public PgpPublicKey SigningKey => _publicRing.GetPublicKey();

    /// <summary>The fingerprint of the primary key: 40 upper-case hexadecimal digits.</summary>
    public string Fingerprint => Convert.ToHexString(SigningKey.GetFingerprint());

    /// <summary>Reads the files of a directory.</summary>
    /// <exception cref="KeygenException">A file is missing, damaged, or does not match the others.</exception>
    public static StoredKeys Load(string directory)
    {
        using var secretArmor = KeyFile.Read(directory, KeyDirectory.SecretKey);
        using var publicArmor = KeyFile.Read(directory, KeyDirectory.PublicKey);
        return Parse(secretArmor.Span, publicArmor.Span);
    }

    /// <summary>Parses the content of the files.</summary>
    /// <exception cref="KeygenException">The content is damaged, or does not match.</exception>
    public static StoredKeys Parse(ReadOnlySpan<byte> secretArmor, ReadOnlySpan<byte> publicArmor)
    {
        try
        {
            return new(secretArmor, publicArmor);
        }
        catch (KeyFormatException error)
        {
            throw new KeygenException(error.Message, "restore the key files from a backup, or make new keys with --force");
        }
    }

    public void Dispose() => BootSecretKeys.Dispose();

    /// <summary>Returns the newest key that may encrypt now.</summary>
    /// <exception cref="KeygenException">There is none.</exception>
    public PgpPublicKey EncryptionKey(DateTimeOffset now)
    {
        var fit = _publicRing.GetPublicKeys().Where(key => key.IsEncryptionKey && MayEncrypt(key) && !key.HasRevocation()).ToList();
        if (fit.Count == 0)
            throw new KeygenException($"{KeyDirectory.PublicKey} has no encryption key", "make new keys with --force");
        return fit.Where(key => !IsExpired(key, now) && !IsExpired(SigningKey, now)).MaxBy(key => key.CreationTime)
            ?? throw new KeygenException("the OpenPGP key has expired", "make new keys with --force");
    }

    /// <summary>The private half of <see cref="SigningKey"/>.</summary>
    /// <exception cref="KeygenException">The key is missing.</exception>
    public PgpPrivateKey PrivateSigningKey()
    {
        var key = _secretRing.GetSecretKey();
        return key.IsPrivateKeyEmpty
            ? throw new KeygenException($"{KeyDirectory.SecretKey} lacks the secret part of the primary key, which signs")
            : key.ExtractPrivateKeyRaw([]);
    }

    private static T Ring<T>(ReadOnlySpan<byte> armor, string name, string what, Func<Stream, T> parse)
    {
        var bytes = armor.ToArray();
        try
        {
            return parse(PgpUtilities.GetDecoderStream(new MemoryStream(bytes)));
        }
        catch (Exception)
        {
            // BouncyCastle throws various exceptions for damaged input.
            throw new UnreadableKeyException($"{name} is not {what}", "restore it from a backup, or make new keys with --force");
        }
        finally
        {
            SecretBuffer.Wipe(bytes);
        }
    }

    // A key without flags may do whatever its algorithm can (RFC 4880 section 5.2.3.21).
    private static bool MayEncrypt(PgpPublicKey key)
    {
        var flags = key.GetSignatures()
            .Select(signature => signature.GetHashedSubPackets()?.GetKeyFlags() ?? 0)
            .Aggregate(0, (all, some) => all | some);
        return flags == 0 ? !key.IsMasterKey : (flags & (KeyFlags.EncryptComms | KeyFlags.EncryptStorage)) != 0;
    }

    private static bool IsExpired(PgpPublicKey key, DateTimeOffset now) =>
        key.GetValidSeconds() is > 0 and var seconds && key.CreationTime.AddSeconds(seconds) <= now.UtcDateTime;
}

/// <summary>A key file that the encrypting library cannot read, although the boot client may be able to.</summary>
/// <param name="message">What happened, with names.</param>
/// <param name="hint">What to do.</param>
internal sealed class UnreadableKeyException(string message, string hint) : KeygenException(message, hint);
