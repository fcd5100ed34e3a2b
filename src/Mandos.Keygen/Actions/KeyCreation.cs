using Mandos.Core.Keys;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Hosting;
using Mandos.Keygen.KeyFiles;
using Mandos.Keygen.Keys;
using Mandos.Keygen.Passwords;

namespace Mandos.Keygen.Actions;

/// <summary>Creates all keys of a client and writes them to their files.</summary>
internal sealed class KeyCreation(KeygenOptions options, KeygenEnvironment surroundings)
{
    private readonly Notes _notes = new(surroundings.Error, surroundings.Watched, surroundings.Time);

    /// <exception cref="KeygenException">Nothing was changed, unless the message says otherwise.</exception>
    public async Task RunAsync(CancellationToken outer)
    {
        using var interruption = new Interruption(outer);
        var cancellation = interruption.Token;
        var name = options.Name ?? await surroundings.HostName(cancellation).ConfigureAwait(false);
        var identity = ClientIdentity.Create(name, options.Comment, options.Email);
        KeyDirectory.Check(options.Directory);
        RotationFolder.Refuse(options.Directory);
        // Before the keys are generated, so that a refusal comes immediately.
        using var files = KeyFileTransaction.Begin(options.Directory, KeyDirectory.Names, options.Force);
        WarnOfShortKeys();
        using var tls = await _notes.DuringAsync(
            $"making the TLS key ({options.TlsKeyType})",
            Task.Run(() => TlsKeyMaker.Make(options.TlsKeyType), cancellation).WaitAsync(cancellation)).ConfigureAwait(false);
        using var openPgp = await _notes.DuringAsync(
            $"making the OpenPGP keys ({options.Primary}, {options.Subkey})",
            OpenPgpKeyMaker.MakeAsync(
                options.Primary, options.Subkey, identity, options.Validity, surroundings.Time.GetUtcNow(),
                cancellation)).ConfigureAwait(false);
        Test(openPgp, tls);
        files.Stage(KeyDirectory.SecretKey, openPgp.SecretArmor.Span);
        files.Stage(KeyDirectory.PublicKey, openPgp.PublicArmor.Span);
        files.Stage(KeyDirectory.TlsPrivateKey, tls.PrivatePem.Span);
        files.Stage(KeyDirectory.TlsPublicKey, tls.PublicPem.Span);
        files.Commit();
        _notes.Done(
            $"the keys of {identity.UserId} are in {options.Directory}",
            $"key_id: {tls.KeyId}",
            $"fingerprint: {openPgp.Fingerprint}",
            "next: 'mandos-keygen --password' prints the section for the server's clients.conf");
    }

    // As the boot client will use them: no keys are better than keys that fail at boot.
    private void Test(OpenPgpKeys openPgp, TlsKeys tls)
    {
        using var keys = StoredKeys.Parse(openPgp.SecretArmor.Span, openPgp.PublicArmor.Span);
        _ = SecretMessage.Create("test"u8, keys, surroundings.Time.GetUtcNow());
        using var pair = TlsKeyPair.Parse(tls.PublicPem.Span, tls.PrivatePem.Span);
    }

    private void WarnOfShortKeys()
    {
        foreach (var type in new[] { options.Primary, options.Subkey }.Distinct())
        {
            if (type is { Algorithm: OpenPgpAlgorithm.Rsa, Bits: < OpenPgpKeyType.SafeRsaBits })
                surroundings.Error.WriteLine($"mandos-keygen: warning: {type} is too short to be secure");
        }
    }
}
