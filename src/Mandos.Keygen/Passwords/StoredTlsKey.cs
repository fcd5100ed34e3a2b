using Mandos.Core.Keys;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;
using Org.BouncyCastle.Utilities.IO.Pem;

namespace Mandos.Keygen.Passwords;

/// <summary>The TLS key in a key directory, created here or by upstream.</summary>
internal static class StoredTlsKey
{
    /// <summary>Returns the key ID of the public key; null if there is none.</summary>
    /// <param name="directory">The directory of the key files.</param>
    /// <param name="warning">Why a client cannot use the key; null if it can.</param>
    /// <exception cref="KeygenException">The file is damaged.</exception>
    public static KeyId? ReadKeyId(string directory, out string? warning)
    {
        if (!File.Exists(Path.Combine(directory, KeyDirectory.TlsPublicKey)))
        {
            warning =
                $"{directory} has no {KeyDirectory.TlsPublicKey}, so the section has no key_id and no server will recognize this client";
            return null;
        }

        using var publicPem = KeyFile.Read(directory, KeyDirectory.TlsPublicKey);
        var keyId = Parse(publicPem.Span)
            ?? throw new KeygenException(
                $"{KeyDirectory.TlsPublicKey} in {directory} is not a public key in PEM",
                "restore it from a backup, or make new keys with --force");
        warning = Test(directory, publicPem.Span);
        return keyId;
    }

    private static KeyId? Parse(ReadOnlySpan<byte> pem)
    {
        try
        {
            using var reader = new PemReader(new StringReader(System.Text.Encoding.UTF8.GetString(pem)));
            return reader.ReadPemObject() is { Type: "PUBLIC KEY", Content: { Length: > 0 } der }
                ? KeyId.FromSubjectPublicKeyInfo(der)
                : null;
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static string? Test(string directory, ReadOnlySpan<byte> publicPem)
    {
        try
        {
            using var privatePem = KeyFile.Read(directory, KeyDirectory.TlsPrivateKey);
            using var pair = TlsKeyPair.Parse(publicPem, privatePem.Span);
            return null;
        }
        catch (Exception error) when (error is KeyFormatException or KeygenException)
        {
            return $"no client can use the TLS keys in {directory}: {error.Message}";
        }
    }
}
