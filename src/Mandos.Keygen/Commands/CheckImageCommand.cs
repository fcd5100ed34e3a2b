using System.CommandLine;
using Mandos.CommandLine;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Findings;
using Mandos.Keygen.Hosting;
using Mandos.Keygen.Images;
using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Commands;

/// <summary>Checks whether an initramfs image can fetch a password, without a look at this machine.</summary>
internal sealed class CheckImageCommand : ReportCommand
{
    private readonly Argument<IReadOnlyList<string>> _files = new("FILE")
    {
        Description = "An initramfs image, or a unified kernel image",
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = PlainOption.Words,
        DefaultValueFactory = static _ => [],
    };

    internal CheckImageCommand()
        : base("check-image", "Checks whether an initramfs image contains all that the client needs.") =>
        Program.Command.Arguments.Add(_files);

    private protected override async Task<string?> CheckAsync(
        ParseResult arguments, KeygenEnvironment environment, Report report, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_files) is not [var file])
            throw new KeygenException("needs one file", $"try '{Program.Name} --help'");
        try
        {
            ImageInspection.Run(await ImageReader.ReadAsync(file, cancellationToken).ConfigureAwait(false), [], report);
        }
        catch (ImageException damage)
        {
            report.Error("image.damaged", "image", $"{file}: {damage.Message}", damage.Hint!);
        }

        return file;
    }
}
