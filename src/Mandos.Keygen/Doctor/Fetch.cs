using Mandos.Keygen.Booting;
using Mandos.Keygen.Findings;
using Mandos.Keygen.Hosting;
using Mandos.Keygen.Programs;

namespace Mandos.Keygen.Doctor;

/// <summary>The rehearsal: the client fetches the password through the real network, and tries it on the disks.</summary>
internal sealed class Fetch(Machine machine, KeygenEnvironment environment)
{
    private const string Id = "fetch";
    private const string Subject = "fetch";

    /// <summary>Longer than the client's own limit for a test.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // What the client's test returns.
    private const int Opens = 0, Warnings = 1, Fails = 2, Impossible = 3;

    internal async Task CheckAsync(IReadOnlyList<string> disks, Report report, CancellationToken cancellationToken)
    {
        if (InstalledClient.Find(machine) is not { } path)
        {
            report.Error(
                "fetch.impossible", Subject, "the fetch cannot be rehearsed: mandos-client is not installed",
                "install the package mandos-client-dotnet");
            return;
        }

        string[] arguments = ["--test", .. disks.Where(disk => disk.Length > 0).Select(disk => $"--device={disk}")];
        var call = new ProgramCall(machine.Real(path), arguments) { Limit = Patience };
        var result = await environment.Programs.TryRunAsync(call, cancellationToken).ConfigureAwait(false);
        var client = InstalledClient.Command(machine, path);
        string[] lines = result is null ? [] : Lines(result.Output) is { Length: > 0 } output ? output : Lines(result.Errors);
        var text = lines.LastOrDefault($"{client} --test printed nothing");
        var again = $"run '{client} {string.Join(' ', arguments)}', and follow what it prints";
        report.Add(
            new Finding(
                result?.ExitCode is Opens or Warnings or Fails ? Id : "fetch.impossible", Subject,
                result?.ExitCode switch { Opens => Severity.Ok, Warnings => Severity.Warning, _ => Severity.Error },
                result?.ExitCode switch
                {
                    Opens or Warnings or Fails or Impossible => text,
                    null => $"{client} --test cannot be started, or does not exit",
                    _ => $"{client} cannot test: {text}",
                },
                result?.ExitCode == Opens ? null : again)
            {
                Details = lines.Length > 1 ? lines[..^1] : [],
            });
    }

    private static string[] Lines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
