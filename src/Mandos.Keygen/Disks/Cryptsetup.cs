using System.Globalization;
using System.Text.Json;
using Mandos.Core.Secrets;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Programs;

namespace Mandos.Keygen.Disks;

/// <summary>cryptsetup(8): passphrases reach it through pipes only.</summary>
internal sealed class Cryptsetup(IPrograms programs)
{
    private const string Name = "cryptsetup";

    /// <summary>The exit code if no key slot has this passphrase.</summary>
    private const int WrongPassphrase = 2;

    private const int FirstFree = 3;

    /// <summary>Whether a passphrase opens a device, or one key slot of it.</summary>
    /// <exception cref="KeygenException">The device cannot be tested.</exception>
    public async Task<bool> OpensAsync(string device, SecretBuffer passphrase, int? slot, CancellationToken cancellationToken)
    {
        List<string> arguments = ["open", "--test-passphrase", "--batch-mode", "--key-file=-"];
        if (slot is { } number)
            arguments.Add($"--key-slot={Text(number)}");
        var result = await programs
            .RunAsync(new(Name, [.. arguments, "--", device]) { Secrets = [(0, passphrase)] }, cancellationToken).ConfigureAwait(false);
        return result.ExitCode switch
        {
            0 => true,
            WrongPassphrase => false,
            _ => throw Failure("test a passphrase of", device, result),
        };
    }

    /// <summary>Reads the key slots.</summary>
    /// <exception cref="KeygenException">The device does not have LUKS.</exception>
    public async Task<LuksHeader> HeaderAsync(string device, CancellationToken cancellationToken)
    {
        if ((await RunAsync(cancellationToken, "isLuks", "--type=luks2", "--", device).ConfigureAwait(false)).Success)
            return LuksHeader.Parse2(
                device,
                (await ChangeAsync("read", device, cancellationToken, "luksDump", "--dump-json-metadata", "--", device)
                    .ConfigureAwait(false)).Output);
        var dump = await RunAsync(cancellationToken, "luksDump", "--", device).ConfigureAwait(false);
        return dump.Success
            ? LuksHeader.Parse1(dump.Output)
            : throw new KeygenException($"{device} cannot be used: {dump.LastLine}", "give the encrypted device, not the opened one");
    }

    /// <summary>The UUID of a LUKS device.</summary>
    /// <exception cref="KeygenException">It has none.</exception>
    public async Task<string> UuidAsync(string device, CancellationToken cancellationToken) =>
        (await ChangeAsync("read", device, cancellationToken, "luksUUID", "--", device).ConfigureAwait(false)).Output.Trim();

    /// <summary>Adds a passphrase. It must be random, because its key derivation is short, which makes the boot fast.</summary>
    /// <param name="device">The device.</param>
    /// <param name="slot">The free key slot for it.</param>
    /// <param name="existing">A passphrase that opens the device.</param>
    /// <param name="added">The new one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="KeygenException">It was not added.</exception>
    public async Task AddAsync(string device, int slot, SecretBuffer existing, SecretBuffer added, CancellationToken cancellationToken)
    {
        var call = new ProgramCall(
            Name, "luksAddKey", "--batch-mode", $"--key-slot={Text(slot)}", "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000",
            $"--key-file=/dev/fd/{Text(FirstFree)}", "--", device, $"/dev/fd/{Text(FirstFree + 1)}")
        {
            Secrets = [(FirstFree, existing), (FirstFree + 1, added)],
        };
        var result = await programs.RunAsync(call, cancellationToken).ConfigureAwait(false);
        if (!result.Success)
            throw Failure($"add a passphrase in key slot {Text(slot)} of", device, result);
    }

    /// <summary>Notes in the header of LUKS2 whose key slot this is.</summary>
    /// <exception cref="KeygenException">It was not noted.</exception>
    public async Task ImportTokenAsync(string device, MandosSlot slot, CancellationToken cancellationToken)
    {
        var call = new ProgramCall(Name, "token", "import", $"--token-id={Text(slot.Token!.Value)}", "--", device) { Input = Json(slot) };
        var result = await programs.RunAsync(call, cancellationToken).ConfigureAwait(false);
        if (!result.Success)
            throw Failure("write a token to", device, result);
    }

    /// <summary>Removes a token.</summary>
    public Task<ProgramResult> RemoveTokenAsync(string device, int token, CancellationToken cancellationToken) => ChangeAsync(
        "remove a token from", device, cancellationToken, "token", "remove", $"--token-id={Text(token)}", "--", device);

    /// <summary>Removes a key slot, but never the last one.</summary>
    /// <exception cref="KeygenException">It was not removed.</exception>
    public async Task KillAsync(string device, int slot, CancellationToken cancellationToken)
    {
        var header = await HeaderAsync(device, cancellationToken).ConfigureAwait(false);
        if (!header.Slots.Contains(slot))
            return;
        if (header.Slots.Count == 1)
            throw new KeygenException(
                $"{device}: key slot {Text(slot)} is the last one, and without it the device can never be opened again",
                $"add a passphrase first: cryptsetup luksAddKey {device}");
        _ = await ChangeAsync(
            $"remove key slot {Text(slot)} from", device, cancellationToken, "luksKillSlot", "--batch-mode", "--", device, Text(slot))
            .ConfigureAwait(false);
    }

    private static byte[] Json(MandosSlot slot)
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("type", LuksHeader.TokenType);
            writer.WriteStartArray("keyslots");
            writer.WriteStringValue(Text(slot.Slot!.Value));
            writer.WriteEndArray();
            writer.WriteString("key_id", slot.KeyId);
            writer.WriteString("server", slot.Server);
            writer.WriteEndObject();
        }

        return output.ToArray();
    }

    private async Task<ProgramResult> ChangeAsync(
        string what, string device, CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        var result = await RunAsync(cancellationToken, arguments).ConfigureAwait(false);
        return result.Success ? result : throw Failure(what, device, result);
    }

    private Task<ProgramResult> RunAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments) =>
        programs.RunAsync(new(Name, arguments), cancellationToken);

    private static KeygenException Failure(string what, string device, ProgramResult result) =>
        new($"cryptsetup cannot {what} {device}: {result.LastLine}", Environment.IsPrivilegedProcess ? null : "run this as root");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
