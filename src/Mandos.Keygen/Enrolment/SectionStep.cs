using Mandos.Keygen.Failures;
using Mandos.Keygen.Keys;
using Mandos.Keygen.Passwords;
using Mandos.Keygen.Servers;
using Mandos.Keygen.Stanzas;

namespace Mandos.Keygen.Enrolment;

/// <summary>Encrypts the passphrase to the keys, and gives the section to the server.</summary>
internal sealed class SectionStep(params IReadOnlyList<string> needs)
    : EnrolmentStep("section", "install the section on the server", needs)
{
    private InstalledSection? _installed;
    private bool _mayBeInstalled;

    /// <summary>
    /// The random passphrase of a new key slot exists nowhere else; but if the server may have it now in the place of one that works, the
    /// slot stays, so that the machine unlocks with either.
    /// </summary>
    public override bool UndoesEarlier(EnrolmentState state) => !(_mayBeInstalled && state.ServerWorks);

    /// <inheritdoc/>
    public override string Plan(EnrolmentState state) =>
        state.Ports.Server is not { } server ? "print the section, to be pasted into clients.conf on the server"
        : state.Server?.File is { } file ? $"renew the secret in /etc/mandos/{file} on {server.Name} if it does not open the disks"
        : $"install the section of this machine on {server.Name}";

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        if (state.IsOnServer && state.Added is null)
            return new("the server has this password", AlreadyThere: true);
        var client = await state.ClientNameAsync(cancellationToken).ConfigureAwait(false);
        if (state.Server is { IsKnown: false, Taken: { } place })
            throw new KeygenException(
                $"{state.Ports.Server!.Name} has a client named {client} with other keys, in {place}",
                "if it is this machine with old keys, remove that section there; otherwise choose another name with --name");
        if (state.Server?.Section is { } found && !SectionText.HasSecret(found))
            throw new KeygenException(
                $"the section in {state.Server.File} on {state.Ports.Server!.Name} has its secret in another file (secfile)",
                "replace that file there by hand, or remove the section and enrol again");
        using var keys = StoredKeys.Load(state.Options.Directory);
        var secret = SecretMessage.Create((state.Added ?? state.Existing!).Span, keys, state.Ports.Time.GetUtcNow());
        var (text, warnings) = state.Server?.Section is { } section
            ? (SectionText.WithSecret(section, secret), [])
            : await NewAsync(state, client, keys.Fingerprint, secret, cancellationToken).ConfigureAwait(false);
        if (state.Ports.Server is not { } server)
        {
            await state.Ports.Output.WriteAsync(text.AsMemory(), cancellationToken).ConfigureAwait(false);
            await state.Ports.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
            return new("printed; paste it into /etc/mandos/clients.conf on the server, and reload it")
            {
                Warnings = warnings,
                IsPending = true,
            };
        }

        try
        {
            _installed = await server.InstallAsync(state.Server!, new(client, state.ReadKeyId(), text, secret), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is OperationCanceledException or MissingAnswerException)
        {
            _mayBeInstalled = true;
            throw;
        }

        state.HasReplacedWorking = state.ServerWorks;
        return new($"in {_installed.Place}") { Warnings = [.. warnings, .. _installed.Warnings] };
    }

    /// <inheritdoc/>
    public override async Task<string?> UndoAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        if (_installed is not { } installed)
            return null;
        _installed = null;
        if (installed.UndoAsync is null)
            throw new KeygenException($"the secret in {installed.Place} cannot be restored");
        await installed.UndoAsync(cancellationToken).ConfigureAwait(false);
        return $"restored {installed.Place}";
    }

    private static async Task<(string Text, string[] Warnings)> NewAsync(
        EnrolmentState state, string client, string fingerprint, byte[] secret, CancellationToken cancellationToken)
    {
        var hostKey = state.Options.Ssh
            ? await SshKeyScan.FindAsync(state.Ports.KeyScan, cancellationToken).ConfigureAwait(false)
            : null;
        var keyId = StoredTlsKey.ReadKeyId(state.Options.Directory, out _);
        using var text = new StringWriter { NewLine = "\n" };
        new ClientStanza(ClientIdentity.Create(client).Name, keyId, fingerprint, secret, hostKey).WriteTo(text);
        return (
            text.ToString(),
            hostKey is null && state.Options.Ssh
                ? ["no SSH server answers on this host, so the server will ping it, and any machine with its address can answer"]
                : []);
    }
}
