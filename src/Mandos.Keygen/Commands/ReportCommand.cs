using System.CommandLine;
using Mandos.CommandLine;
using Mandos.Keygen.Findings;
using Mandos.Keygen.Hosting;

namespace Mandos.Keygen.Commands;

/// <summary>
/// A command that prints findings. Exit codes: 0 if all is well, 1 with warnings, 2 with errors, 3 if the check could not be made.
/// </summary>
internal abstract class ReportCommand : Subcommand
{
    private const int NotChecked = 3;

    private readonly Option<bool> _json = PlainOption.Flag("--json", "Print JSON (mandos-keygen(8), JSON)");

    private protected ReportCommand(string name, string summary)
        : base(name, summary, NotChecked) => Program.Command.Options.Add(_json);

    private protected override async Task<int> RunAsync(
        ParseResult arguments, KeygenEnvironment environment, CancellationToken cancellationToken)
    {
        using var interruption = new Interruption(cancellationToken);
        var report = new Report();
        var image = await CheckAsync(arguments, environment, report, interruption.Token).ConfigureAwait(false);
        if (arguments.GetValue(_json))
            FindingJson.Print(environment.Output, image, report);
        else
            FindingTable.Print(environment.Output, report.Findings, environment.HasColors);
        return (int)report.Worst;
    }

    /// <summary>Makes the check; returns the path of the image, null if there is none.</summary>
    private protected abstract Task<string?> CheckAsync(
        ParseResult arguments, KeygenEnvironment environment, Report report, CancellationToken cancellationToken);
}
