using System.CommandLine;
using Mandos.CommandLine;
using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;
using Mandos.Keygen.Rotation;

namespace Mandos.Keygen.Commands;

/// <summary>Replaces the keys of this machine, so that it unlocks at every moment.</summary>
internal sealed class RotateCommand : EnrolmentCommand
{
    private readonly Option<string?> _passFile = PlainOption.Text(
        "--passfile", "FILE", "The passphrase of the disks: the bytes of FILE; - is standard input. Default: that on the server", "-F");
    private readonly Option<bool> _finish = PlainOption.Flag("--finish", "Drop the old keys; refused before a boot with the new ones");
    private readonly Option<bool> _abort = PlainOption.Flag("--abort", "Take the rotation back: the old keys stay");
    private readonly Option<bool> _force = PlainOption.Flag(
        "--force", "With --finish: without a boot, and without the other servers", "-f");

    public RotateCommand()
        : base(
            "rotate", "Replaces the keys of this machine: new ones beside the old, which are dropped after the next boot.",
            hasSection: false)
    {
        foreach (var option in new Option[] { _passFile, _finish, _abort, _force })
            Program.Command.Options.Add(option);
    }

    /// <inheritdoc/>
    private protected override EnrolmentOptions Read(ParseResult result, CommandSurroundings surroundings)
    {
        var options = base.Read(result, surroundings);
        options = options with
        {
            PasswordFile = result.GetValue(_passFile),
            Finish = result.GetValue(_finish),
            Abort = result.GetValue(_abort),
            Force = result.GetValue(_force),
        };
        if (options is { Finish: true, Abort: true })
            throw new KeygenException("--finish and --abort cannot be used together", $"try '{Program.Name} --help'");
        if (options is { Force: true, Finish: false })
            throw new KeygenException("option '--force' needs --finish", $"try '{Program.Name} --help'");
        // The servers that have both keys are noted.
        var folder = new RotationFolder(options.Directory);
        var servers = folder.Servers;
        options = options with { Server = options.Server ?? (servers is [var only] ? only : null) };
        options = options with { Finish = RotationPlan.Part(options, surroundings.BootId) == RotationPart.Finish };
        var needsServer = options.Abort ? servers.Count > 0 : folder.Exists || !options.Finish;
        if (options.Server is null && needsServer)
            throw new KeygenException(
                servers.Count > 1 ? $"the rotation has several servers: {string.Join(", ", servers)}" : "no server was given",
                $"give [USER@]SERVER; try '{Program.Name} --help'");
        return options;
    }

    /// <inheritdoc/>
    private protected override IReadOnlyList<EnrolmentStep> Steps(EnrolmentOptions options) => RotationPlan.For(
        options.Abort ? RotationPart.Abort : options.Finish ? RotationPart.Finish : RotationPart.Begin, options);

    /// <inheritdoc/>
    private protected override string Conclusion(EnrolmentOptions options, EnrolmentOutcome outcome)
    {
        if (options.Step is { } step)
            return $"the step {step} is done";
        var isOver = !new RotationFolder(options.Directory).Exists;
        return (options.Abort, options.Finish) switch
        {
            (true, _) => isOver ? "the rotation is taken back: this machine has its old keys" : "another server has the new keys",
            (_, true) => isOver ? "the old keys are dropped: this machine has only the new ones" : "another server has the old keys",
            _ => $"the next boot uses the new keys; after it, drop the old ones: mandos-keygen rotate {options.Server}",
        };
    }
}
