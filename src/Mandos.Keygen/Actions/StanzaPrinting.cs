using Mandos.Keygen.Failures;
using Mandos.Keygen.Hosting;
using Mandos.Keygen.KeyFiles;
using Mandos.Keygen.Keys;
using Mandos.Keygen.Passwords;
using Mandos.Keygen.Stanzas;

namespace Mandos.Keygen.Actions;

/// <summary>Encrypts a password to the client's keys and prints the client's section for clients.conf.</summary>
internal sealed class StanzaPrinting(KeygenOptions options, KeygenEnvironment surroundings)
{
    private readonly Notes _notes = new(surroundings.Error, surroundings.Watched, surroundings.Time);

    /// <exception cref="KeygenException">Nothing was printed.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        KeyDirectory.Check(options.Directory);
        KeyFileTransaction.Recover(options.Directory);
        using var keys = StoredKeys.Load(options.Directory);
        var keyId = StoredTlsKey.ReadKeyId(options.Directory, out var warning);
        if (warning is not null)
            surroundings.Error.WriteLine($"mandos-keygen: warning: {warning}");
        var identity = ClientIdentity.Create(options.Name ?? await surroundings.HostName(cancellationToken).ConfigureAwait(false));
        var hostKey = options.Ssh ? await FindHostKeyAsync(cancellationToken).ConfigureAwait(false) : null;
        var message = Encrypt(keys);
        new ClientStanza(identity.Name, keyId, keys.Fingerprint, message, hostKey).WriteTo(surroundings.Output);
    }

    private byte[] Encrypt(StoredKeys keys)
    {
        using var password = options.PasswordFile is { } file
            ? PasswordFile.Read(file, surroundings.StandardInput)
            : surroundings.AskPassword();
        return SecretMessage.Create(password.Span, keys, surroundings.Time.GetUtcNow());
    }

    private async Task<SshHostKey?> FindHostKeyAsync(CancellationToken cancellationToken)
    {
        var key = await _notes.DuringAsync(
            "looking for an SSH host key", SshKeyScan.FindAsync(surroundings.KeyScan, cancellationToken)).ConfigureAwait(false);
        if (key is null)
        {
            _notes.Tell(
                "no SSH server answers on this host, so the section sets no checker: the server will ping the client, "
                + "which any machine with its address can answer");
        }

        return key;
    }
}
