using Mandos.Core.Keys;
using Mandos.Core.Secrets;
using Mandos.Keygen.KeyFiles;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Bcpg.Sig;
using Org.BouncyCastle.Utilities.IO.Pem;

namespace Mandos.Keygen.Passwords;

/// <summary>The keys of a client as its files hold them, made here or by the original.</summary>
internal sealed class StoredKeys
{
    private const int MostBytes = 1024 * 1024;

    private StoredKeys(PgpSecretKeyRing secretRing, PgpPublicKeyRing publicRing, KeyId? keyId) =>
        (SecretRing, PublicRing, KeyId) = (secretRing, publicRing, keyId);

    public PgpSecretKeyRing SecretRing { get; }

    public PgpPublicKeyRing PublicRing { get; }

    /// <summary>Null if there is no TLS key.</summary>
    public KeyId? KeyId { get; }

    /// <summary>Of the primary key: 40 upper-case hex digits.</summary>
    public string Fingerprint => Convert.ToHexString(PublicRing.GetPublicKey().GetFingerprint());

    /// <exception cref="KeygenException">A file is missing, damaged, or of other keys than the rest.</exception>
    public static StoredKeys Load(string directory)
    {
        var secretRing = Ring(directory, KeyDirectory.SecretKey, "an OpenPGP secret key", stream => new PgpSecretKeyRing(stream));
        var publicRing = Ring(directory, KeyDirectory.PublicKey, "an OpenPGP public key", stream => new PgpPublicKeyRing(stream));
        if (!secretRing.GetPublicKey().GetFingerprint().AsSpan().SequenceEqual(publicRing.GetPublicKey().GetFingerprint()))
            throw new KeygenException($"{KeyDirectory.SecretKey} and {KeyDirectory.PublicKey} in {directory} are of different keys", "restore them from one backup, or make new ones with --force");
        return new(secretRing, publicRing, ReadKeyId(directory));
    }

    /// <summary>The newest key that may encrypt now.</summary>
    /// <exception cref="KeygenException">There is none.</exception>
    public PgpPublicKey EncryptionKey(DateTimeOffset now)
    {
        var fit = PublicRing.GetPublicKeys().Where(key => key.IsEncryptionKey && MayEncrypt(key) && !key.HasRevocation()).ToList();
        if (fit.Count == 0)
            throw new KeygenException($"{KeyDirectory.PublicKey} has no key that may encrypt", "make new keys with --force");
        return fit.Where(key => !IsExpired(key, now) && !IsExpired(PublicRing.GetPublicKey(), now)).MaxBy(key => key.CreationTime)
            ?? throw new KeygenException("the OpenPGP key has expired", "make new keys with --force");
    }

    /// <summary>The private part of one of the keys.</summary>
    /// <exception cref="KeygenException">It is not there, or is protected by a passphrase.</exception>
    public PgpPrivateKey PrivateKey(long keyId)
    {
        var key = SecretRing.GetSecretKey(keyId);
        if (key is null || key.IsPrivateKeyEmpty)
            throw new KeygenException($"{KeyDirectory.SecretKey} lacks the secret part of a key in {KeyDirectory.PublicKey}");
        if (key.KeyEncryptionAlgorithm != SymmetricKeyAlgorithmTag.Null)
            throw new KeygenException($"{KeyDirectory.SecretKey} has a passphrase, which nobody types when the client starts", "make new keys with --force");
        return key.ExtractPrivateKeyRaw([]);
    }

    private static T Ring<T>(string directory, string name, string what, Func<Stream, T> parse)
    {
        var path = Path.Combine(directory, name);
        var bytes = Read(path);
        try
        {
            return parse(PgpUtilities.GetDecoderStream(new MemoryStream(bytes)));
        }
        catch (Exception error) when (error is not KeygenException)
        {
            // BouncyCastle throws whatever damaged input leads it to.
            throw new KeygenException($"{path} is not {what}", "restore it from a backup, or make new keys with --force");
        }
        finally
        {
            SecretBuffer.Wipe(bytes);
        }
    }

    private static KeyId? ReadKeyId(string directory)
    {
        var path = Path.Combine(directory, KeyDirectory.TlsPublicKey);
        if (!File.Exists(path))
            return null;
        try
        {
            using var reader = new PemReader(new StringReader(System.Text.Encoding.UTF8.GetString(Read(path))));
            if (reader.ReadPemObject() is { Type: "PUBLIC KEY", Content.Length: > 0 } pem)
                return Core.Keys.KeyId.FromSubjectPublicKeyInfo(pem.Content);
        }
        catch (Exception error) when (error is not KeygenException)
        {
            // Said below.
        }

        throw new KeygenException($"{path} is not a public key in PEM", "restore it from a backup, or make new keys with --force");
    }

    private static byte[] Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MostBytes)
                throw new KeygenException($"{path} is too large for a key");
            return File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            throw new KeygenException($"{path} does not exist", "make keys first, with mandos-keygen without --password and --passfile");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KeygenException($"cannot read {path}: {error.Message.TrimEnd('.')}", "run this as root");
        }
    }

    // A key without flags may do whatever its algorithm can (RFC 4880 section 5.2.3.21).
    private static bool MayEncrypt(PgpPublicKey key)
    {
        var flags = key.GetSignatures().Select(signature => signature.GetHashedSubPackets()?.GetKeyFlags() ?? 0).Aggregate(0, (all, some) => all | some);
        return flags == 0 ? !key.IsMasterKey : (flags & (KeyFlags.EncryptComms | KeyFlags.EncryptStorage)) != 0;
    }

    private static bool IsExpired(PgpPublicKey key, DateTimeOffset now) =>
        key.GetValidSeconds() is > 0 and var seconds && key.CreationTime.AddSeconds(seconds) <= now.UtcDateTime;
}
