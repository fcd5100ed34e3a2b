using Mandos.Client.Supervision;
using Mandos.Core.Keys;
using Mandos.Core.Linux;
using Mandos.Core.OpenPgp;
using Mandos.Core.Secrets;

namespace Mandos.Client.Separation;

/// <summary>The keys of this machine, read from the descriptors that the supervisor opened. Secret halves live in locked memory.</summary>
internal sealed class KeyMaterial : IDisposable
{
    private const int LargestFile = 1 << 20;

    private KeyMaterial(TlsKeyPair tls, SecretKeyRing secretKeys, PublicKeyRing publicKeys)
    {
        Tls = tls;
        SecretKeys = secretKeys;
        PublicKeys = publicKeys;
    }

    /// <summary>Shows a server who this machine is.</summary>
    internal TlsKeyPair Tls { get; }

    /// <summary>Decrypts what a server sends.</summary>
    internal SecretKeyRing SecretKeys { get; }

    /// <summary>Tells who signed it.</summary>
    internal PublicKeyRing PublicKeys { get; }

    /// <summary>Reads all keys and closes the descriptors.</summary>
    /// <exception cref="KeyFormatException">One cannot be used; the message says which and why.</exception>
    internal static KeyMaterial Read()
    {
        using var tlsPublic = ReadFile(ProcessDescriptor.TlsPublicKey, "TLS public key");
        using var tlsPrivate = ReadFile(ProcessDescriptor.TlsPrivateKey, "TLS private key");
        using var openPgpPublic = ReadFile(ProcessDescriptor.OpenPgpPublicKey, "OpenPGP public key");
        using var openPgpSecret = ReadFile(ProcessDescriptor.OpenPgpSecretKey, "OpenPGP secret key");
        var tls = ParseTls(tlsPublic, tlsPrivate);
        try
        {
            return new KeyMaterial(tls, SecretKeyRing.Parse(openPgpSecret.Span), PublicKeyRing.Parse(openPgpPublic.Span));
        }
        catch
        {
            tls.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Tls.Dispose();
        SecretKeys.Dispose();
    }

    private static TlsKeyPair ParseTls(SecretBuffer publicPem, SecretBuffer privatePem)
    {
        try
        {
            return TlsKeyPair.Parse(publicPem.Span, privatePem.Span);
        }
        catch (KeyFormatException exception)
        {
            throw new KeyFormatException($"the TLS key pair cannot be used: {exception.Message}", exception);
        }
    }

    private static SecretBuffer ReadFile(int descriptor, string what)
    {
        using var file = new Descriptor(descriptor);
        return DescriptorIo.ReadToEnd(file.Number, LargestFile, out var error)
            ?? throw new KeyFormatException(error.Ok ? $"the {what} has more than {LargestFile} bytes" : $"the {what} cannot be read: {error}");
    }
}
