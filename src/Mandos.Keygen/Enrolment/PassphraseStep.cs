using System.Text;
using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Messages;
using Mandos.Core.Secrets;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Passwords;

namespace Mandos.Keygen.Enrolment;

/// <summary>
/// Gets a passphrase that opens all devices: the one that the server has already, or the one that the operator gives.
/// </summary>
internal sealed class PassphraseStep() : EnrolmentStep("passphrase", "prove the passphrase of the disks", "disks", "server")
{
    private const int Attempts = 3;

    /// <inheritdoc/>
    public override string Plan(EnrolmentState state) =>
        $"{(state.Server?.Section is null ? "ask for" : "test")} the passphrase of {string.Join(", ", state.Disks.Select(d => d.Device))}";

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var known = FindKnown(state.Server?.Section, state.SectionKeys);
        state.ServerWorks = known is not null
            && await RefusingDeviceAsync(state, known, cancellationToken).ConfigureAwait(false) is null;
        if (!state.ServerWorks)
        {
            known?.Dispose();
            known = null;
        }

        if (state.Options.PasswordFile is { } file)
        {
            using (known)
                return await TakeAsync(state, PasswordFile.Read(file, state.Ports.StandardInput), known, cancellationToken)
                    .ConfigureAwait(false);
        }

        if (known is null)
            return await AskAsync(state, cancellationToken).ConfigureAwait(false);
        (state.Existing, state.IsOnServer) = (known, true);
        return new("the password that the server has opens them", AlreadyThere: true);
    }

    private static async Task<StepResult> TakeAsync(
        EnrolmentState state, SecretBuffer given, SecretBuffer? known, CancellationToken cancellationToken)
    {
        state.Existing = given;
        if (await RefusingDeviceAsync(state, given, cancellationToken).ConfigureAwait(false) is { } device)
        {
            throw given.Length > 0 && given.Span[^1] == (byte)'\n'
                ? new KeygenException(
                    $"the passphrase does not open {device}", "the file ends with a newline, which is part of the passphrase: remove it")
                : Refused(device);
        }

        state.IsOnServer = known is not null && known.Span.SequenceEqual(given.Span);
        return new("it opens them", state.IsOnServer);
    }

    private static async Task<StepResult> AskAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var given = state.Ports.AskPassphrase($"Passphrase of {string.Join(", ", state.Disks.Select(disk => disk.Device))}: ");
            if (await RefusingDeviceAsync(state, given, cancellationToken).ConfigureAwait(false) is not { } device)
            {
                state.Existing = given;
                return new("it opens them");
            }

            given.Dispose();
            if (attempt == Attempts || !state.Ports.CanAsk)
                throw Refused(device);
        }
    }

    /// <summary>The first device that a passphrase does not open; null if it opens all.</summary>
    internal static async Task<string?> RefusingDeviceAsync(
        EnrolmentState state, SecretBuffer passphrase, CancellationToken cancellationToken)
    {
        foreach (var disk in state.Disks)
        {
            if (!await state.Cryptsetup.OpensAsync(disk.Device, passphrase, slot: null, cancellationToken).ConfigureAwait(false))
                return disk.Device;
        }

        return null;
    }

    /// <summary>The password in the section on the server; null if there is none that these keys decrypt.</summary>
    internal static SecretBuffer? FindKnown(string? section, string directory)
    {
        if (section is null)
            return null;
        using var text = SecretBuffer.CopyOf(Encoding.UTF8.GetBytes(section));
        using var message = SecretText.Find(text, keyId: null, out _);
        if (message is null)
            return null;
        using var keys = StoredKeys.Load(directory);
        var result = MessageReader.Read(message.Span, keys.BootSecretKeys, keys.BootPublicKeys);
        if (result is { Outcome: MessageOutcome.Decrypted, Signature: SignatureState.Valid })
            return result.Plaintext;
        result.Plaintext?.Dispose();
        return null;
    }

    private static KeygenException Refused(string device) => new(
        $"the passphrase does not open {device}",
        "a Mandos server has one password for all devices of a machine: add it to this one with "
            + $"'cryptsetup luksAddKey {device}', or choose the devices with --device");
}
