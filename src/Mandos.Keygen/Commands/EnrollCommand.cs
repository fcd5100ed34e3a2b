using System.CommandLine;
using Mandos.CommandLine;
using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Commands;

/// <summary>Enrols this machine: everything from the keys to the proof that it will unlock at its next boot.</summary>
internal sealed class EnrollCommand : EnrolmentCommand
{
    /// <summary>Steps that need no server.</summary>
    private static readonly string[] Local = ["keys", "disks", "rehearsal", "initramfs", "image"];

    private readonly Option<string?> _passFile = PlainOption.Text(
        "--passfile", "FILE", "The passphrase of the disks: the bytes of FILE; - is standard input. Default: ask for it", "-F");
    private readonly Option<bool> _newKeySlot = PlainOption.Flag(
        "--new-key-slot", "Give the server a random passphrase in a free LUKS key slot, which can be revoked alone");
    private readonly Option<bool> _print = PlainOption.Flag("--print", "Print the section for pasting; the same as --via=print");
    private readonly Option<bool> _noSsh = PlainOption.Flag("--no-ssh", "Do not look for an SSH host key for the checker", "-S");

    public EnrollCommand()
        : base("enroll", "Enrols this machine with a Mandos server: keys, disks, section, rehearsal, initramfs.")
    {
        foreach (var option in new Option[] { _passFile, _newKeySlot, _print, _noSsh })
            Program.Command.Options.Add(option);
    }

    /// <inheritdoc/>
    private protected override EnrolmentOptions Read(ParseResult result, CommandSurroundings surroundings)
    {
        var options = base.Read(result, surroundings);
        var via = result.GetValue(_print) ? SectionRoute.Print : options.Via;
        if (options.Server is null && via != SectionRoute.Print && !(options.Step is { } step && Local.Contains(step)))
            throw new KeygenException("no server was given", $"give [USER@]SERVER, or --print; try '{Program.Name} --help'");
        return options with
        {
            Via = via,
            PasswordFile = result.GetValue(_passFile),
            NewKeySlot = result.GetValue(_newKeySlot),
            Ssh = !result.GetValue(_noSsh),
        };
    }

    /// <inheritdoc/>
    private protected override IReadOnlyList<EnrolmentStep> Steps(EnrolmentOptions options)
    {
        RotationFolder.Refuse(options.Directory);
        return EnrolmentPlan.ForEnroll(options);
    }

    /// <inheritdoc/>
    private protected override string Conclusion(EnrolmentOptions options, EnrolmentOutcome outcome) =>
        outcome == EnrolmentOutcome.Pending
            ? "when the section is on the server, prove it: mandos-keygen enroll --step=rehearsal"
            : options.Step is { } step
            ? $"the step {step} is done"
            : "this machine will unlock at its next boot";
}
