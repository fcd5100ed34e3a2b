using System.CommandLine;
using Mandos.CommandLine;
using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Commands;

/// <summary>Takes an enrolment back.</summary>
internal sealed class UnenrollCommand : EnrolmentCommand
{
    private readonly Option<bool> _keys = PlainOption.Flag("--keys", "Remove the key files of this machine, too");
    private readonly Option<bool> _yes = PlainOption.Flag("--yes", "Do not ask", "-y");

    public UnenrollCommand()
        : base("unenroll", "Takes an enrolment back: the section on the server, the key slot and, on request, the keys.")
    {
        Program.Command.Options.Add(_keys);
        Program.Command.Options.Add(_yes);
    }

    /// <inheritdoc/>
    private protected override EnrolmentOptions Read(ParseResult result, CommandSurroundings surroundings) =>
        base.Read(result, surroundings) with { RemoveKeys = result.GetValue(_keys) };

    /// <inheritdoc/>
    private protected override IReadOnlyList<EnrolmentStep> Steps(EnrolmentOptions options)
    {
        RotationFolder.Refuse(options.Directory);
        return EnrolmentPlan.ForUnenroll(options);
    }

    /// <inheritdoc/>
    private protected override void Confirm(EnrolmentOptions options, ParseResult result, CommandSurroundings surroundings)
    {
        if (result.GetValue(_yes))
            return;
        if (!surroundings.CanAsk)
            throw new KeygenException("there is no terminal to ask on", "use --yes");
        var server = options.Server is { } name ? $"{name} will not send the password of this machine any more" : "No server is changed";
        var keys = options.RemoveKeys ? ", and its keys are removed" : "";
        surroundings.Error.Write($"{server}{keys}. Go on? [y/N] ");
        surroundings.Error.Flush();
        if (surroundings.ReadAnswer()?.Trim().ToLowerInvariant() is not ("y" or "yes"))
            throw new KeygenException("nothing was changed");
    }

    /// <inheritdoc/>
    private protected override string Conclusion(EnrolmentOptions options, EnrolmentOutcome outcome) =>
        options.Step is { } step ? $"the step {step} is done" : "this machine is not enrolled any more";
}
