using Mandos.Client.Hosting;
using Mandos.Client.ProcessBoundary;
using Mandos.Core.Keys;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.OpenPgp.Keys;
using Mandos.Core.Secrets;

namespace Mandos.Client.Retrieval;

/// <summary>The keys of this machine, read from the descriptors that the supervisor opened. Private keys are in locked memory.</summary>
internal sealed class KeyMaterial : IDisposable
{
    private const int LargestFile = 1 << 20;

    private KeyMaterial(TlsKeyPair tls, SecretKeyRing secretKeys, PublicKeyRing publicKeys)
    {
        Tls = tls;
        SecretKeys = secretKeys;
        PublicKeys = publicKeys;
    }

    /// <summary>The key pair that proves the identity of this machine to a server.</summary>
    internal TlsKeyPair Tls { get; }

    /// <summary>The keys that decrypt messages from servers.</summary>
    internal SecretKeyRing SecretKeys { get; }

    /// <summary>The keys that verify signatures.</summary>
    internal PublicKeyRing PublicKeys { get; }

    /// <summary>Reads all keys and closes the descriptors. Swapped files are used according to their content, with a warning.</summary>
    /// <exception cref="KeyFormatException">A key is unusable; the message says which and why.</exception>
    internal static KeyMaterial Read(Messages messages)
    {
        using var tlsPublic = ReadFile(ProcessDescriptor.TlsPublicKey, "TLS public key");
        using var tlsPrivate = ReadFile(ProcessDescriptor.TlsPrivateKey, "TLS private key");
        using var openPgpPublic = ReadFile(ProcessDescriptor.OpenPgpPublicKey, "OpenPGP public key");
        using var openPgpSecret = ReadFile(ProcessDescriptor.OpenPgpSecretKey, "OpenPGP secret key");
        return Parse(new(tlsPublic, tlsPrivate, openPgpPublic, openPgpSecret), messages.Warning);
    }

    /// <summary>The content of the four files.</summary>
    internal sealed record Files(SecretBuffer TlsPublic, SecretBuffer TlsPrivate, SecretBuffer OpenPgpPublic, SecretBuffer OpenPgpSecret);

    /// <summary>Parses the keys, including swapped files.</summary>
    /// <exception cref="KeyFormatException">A key is unusable.</exception>
    internal static KeyMaterial Parse(Files files, Action<string> warn)
    {
        var tls = EitherWay(
            files.TlsPublic, files.TlsPrivate, ParseTls, () =>
                warn("the --tls-pubkey and --tls-privkey files are swapped; using each for what it contains"));
        SecretKeyRing? secretKeys = null;
        try
        {
            secretKeys = EitherWay(
                files.OpenPgpSecret, files.OpenPgpPublic, (one, _) => SecretKeyRing.Parse(one.Span),
                () => warn("the --seckey file has no secret key, but the --pubkey file has one; using that (are they swapped?)"));
            var publicKeys = EitherWay(
                files.OpenPgpPublic, files.OpenPgpSecret, (one, _) => PublicKeyRing.Parse(one.Span),
                () => warn("the --pubkey file cannot be used; using the public part of the key in the --seckey file"));
            return new KeyMaterial(tls, secretKeys, publicKeys);
        }
        catch
        {
            secretKeys?.Dispose();
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

    /// <summary>
    /// Parses the first file; if that fails and the second can be parsed in its place, uses that one and prints a warning.
    /// </summary>
    private static T EitherWay<T>(SecretBuffer first, SecretBuffer second, Func<SecretBuffer, SecretBuffer, T> parse, Action swapped)
    {
        try
        {
            return parse(first, second);
        }
        catch (KeyFormatException)
        {
            T other;
            try
            {
                other = parse(second, first);
            }
            catch (KeyFormatException)
            {
                other = default!;
            }

            if (other is null)
                throw;
            swapped();
            return other;
        }
    }

    private static SecretBuffer ReadFile(int descriptor, string what)
    {
        using var file = new Descriptor(descriptor);
        return SecretInput.ReadToEnd(file.Number, LargestFile, out var error)
            ?? throw new KeyFormatException(
                error.Ok ? $"the {what} has more than {LargestFile} bytes" : $"the {what} cannot be read: {error}");
    }
}
