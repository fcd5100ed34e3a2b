using System.CommandLine;
using Mandos.CommandLine;
using Mandos.Keygen.Doctor;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Findings;
using Mandos.Keygen.Hosting;

namespace Mandos.Keygen.Commands;

/// <summary>Checks whether this machine would unlock its disks at its next boot.</summary>
internal sealed class DoctorCommand : ReportCommand
{
    private readonly Option<bool> _noNetwork = PlainOption.Flag("--no-network", "Do not fetch the password from a server");

    internal DoctorCommand()
        : base("doctor", "Checks whether this machine would unlock its disks at its next boot.") =>
        Program.Command.Options.Add(_noNetwork);

    private protected override Task<string?> CheckAsync(
        ParseResult arguments, KeygenEnvironment environment, Report report, CancellationToken cancellationToken)
    {
        if (!environment.IsRoot)
            throw new KeygenException("the image and the keys can be read by root only", "run this as root");
        return new Examination(environment, report).RunAsync(!arguments.GetValue(_noNetwork), cancellationToken);
    }
}
