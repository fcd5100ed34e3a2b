using Mandos.Keygen.Enrolment;

namespace Mandos.Keygen.Rotation;

/// <summary>
/// Gets the password for the new keys: the one that the server has for the old ones, which their keys decrypt, so that nothing is asked and
/// nothing changes at boot. It is proven against the disks before it is used.
/// </summary>
internal sealed class ProvenPasswordStep(RotationContext rotation)
    : EnrolmentStep("passphrase", "prove the passphrase of the disks", "disks", "server")
{
    private readonly PassphraseStep _passphrase = new();

    /// <summary>Keys that no server has are of no use.</summary>
    public override bool UndoesEarlier(EnrolmentState state) => true;

    /// <inheritdoc/>
    public override string Plan(EnrolmentState state) => _passphrase.Plan(state);

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var known = rotation.New is { Section: { } section } ? PassphraseStep.FindKnown(section, rotation.NewKeys) : null;
        if (known is not null
            && state.Options.PasswordFile is null
            && await PassphraseStep.RefusingDeviceAsync(state, known, cancellationToken).ConfigureAwait(false) is null)
        {
            (state.Existing, rotation.IsTold) = (known, true);
            return new("the password that the server has for the new keys opens them", AlreadyThere: true);
        }

        using (known)
        {
            var result = await _passphrase.RunAsync(state, cancellationToken).ConfigureAwait(false);
            rotation.IsTold = known is not null && known.Span.SequenceEqual(state.Existing!.Span);
            return result;
        }
    }
}
