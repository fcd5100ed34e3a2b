using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Enrolment;

/// <summary>How a rehearsal ended: the exit codes of <c>mandos-client --test</c>.</summary>
internal enum RehearsalOutcome
{
    /// <summary>The password came and opens every device.</summary>
    Opens = 0,

    /// <summary>The same, but there are warnings.</summary>
    OpensWithWarnings = 1,

    /// <summary>No password came, or it does not open a device.</summary>
    Fails = 2,

    /// <summary>The rehearsal is impossible.</summary>
    Impossible = 3,
}

/// <summary>Fetches the password as at boot, and tests it.</summary>
internal interface IRehearsal
{
    /// <summary>Returns the outcome, and the lines about it.</summary>
    /// <param name="devices">The devices that the password must open.</param>
    /// <param name="keys">The directory of the keys; null for the default of the client.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<(RehearsalOutcome Outcome, IReadOnlyList<string> Lines)> RunAsync(
        IReadOnlyList<string> devices, string? keys, CancellationToken cancellationToken);
}

/// <summary>Proves that the password which the server sends opens the devices.</summary>
/// <param name="keys">Returns the directory of the keys; null for the default of the client.</param>
/// <param name="name">Its name on the command line.</param>
/// <param name="title">What it does, for its line.</param>
/// <param name="again">The command that repeats it.</param>
/// <param name="needs">The steps whose results it needs.</param>
internal sealed class RehearsalStep(
    Func<string?> keys, string name, string title, string again, params IReadOnlyList<string> needs) : EnrolmentStep(name, title, needs)
{
    private bool _isImpossible;

    /// <summary>The rehearsal of an enrolment.</summary>
    public RehearsalStep()
        : this(
            static () => null, "rehearsal", "fetch the password as at boot, and open the disks with it",
            "mandos-keygen enroll --step=rehearsal", "disks")
    {
    }

    /// <summary>If a section that worked was replaced by one that does not.</summary>
    public override bool UndoesEarlier(EnrolmentState state) => state.HasReplacedWorking && !_isImpossible;

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var (outcome, lines) = await state.Ports.Rehearsal
            .RunAsync([.. state.Disks.Select(disk => disk.Device)], keys(), cancellationToken).ConfigureAwait(false);
        _isImpossible = outcome == RehearsalOutcome.Impossible;
        var details = string.Concat(lines.Select(line => $"\n  {line}"));
        return outcome switch
        {
            RehearsalOutcome.Opens => new("the password came and opens every disk"),
            RehearsalOutcome.OpensWithWarnings => new("the password came and opens every disk, with warnings") { Warnings = lines },
            RehearsalOutcome.Fails => throw new KeygenException(
                $"no password came that opens the disks{details}",
                "mandos-client(8mandos) describes --test; the server's log says whether it sent the password. When the reason is fixed: "
                    + again),
            _ => throw new KeygenException($"the rehearsal is impossible{details}"),
        };
    }
}
