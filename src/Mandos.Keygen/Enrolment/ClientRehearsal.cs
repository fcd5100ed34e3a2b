using Mandos.Keygen.Booting;
using Mandos.Keygen.KeyFiles;
using Mandos.Keygen.Programs;

namespace Mandos.Keygen.Enrolment;

/// <summary>The rehearsal by the boot client that is installed here.</summary>
internal sealed class ClientRehearsal(IPrograms programs) : IRehearsal
{
    private const int Seconds = 60;

    /// <inheritdoc/>
    public async Task<(RehearsalOutcome Outcome, IReadOnlyList<string> Lines)> RunAsync(
        IReadOnlyList<string> devices, string? keys, CancellationToken cancellationToken)
    {
        if (InstalledClient.Find(new Machine("")) is not { } client)
            return (RehearsalOutcome.Impossible, ["mandos-client is not installed: install the package mandos-client-dotnet"]);
        string[] files = keys is null ? [] :
        [
            $"--seckey={keys}/{KeyDirectory.SecretKey}", $"--pubkey={keys}/{KeyDirectory.PublicKey}",
            $"--tls-privkey={keys}/{KeyDirectory.TlsPrivateKey}", $"--tls-pubkey={keys}/{KeyDirectory.TlsPublicKey}",
        ];
        var call = new ProgramCall(
            client, ["--test", .. devices.Select(device => $"--device={device}"), .. files, $"--time-limit={Seconds}"])
        { Limit = TimeSpan.FromSeconds(2 * Seconds) };
        var result = await programs.RunAsync(call, cancellationToken).ConfigureAwait(false);
        var lines = $"{result.Output}\n{result.Errors}".Split('\n')
            .Select(line => string.Concat(line.Where(character => !char.IsControl(character))).TrimEnd())
            .Where(line => line.Length > 0)
            .ToList();
        return result.ExitCode is >= 0 and <= (int)RehearsalOutcome.Impossible
            ? ((RehearsalOutcome)result.ExitCode, lines)
            : (RehearsalOutcome.Impossible, [.. lines, $"{client} cannot rehearse: exit status {result.ExitCode}"]);
    }
}
