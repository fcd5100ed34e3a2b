using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;
using Mandos.Keygen.Servers;

namespace Mandos.Keygen.Rotation;

/// <summary>Looks for the sections of the old keys and the new ones on the server.</summary>
internal sealed class SectionsStep(RotationContext rotation, params IReadOnlyList<string> needs)
    : EnrolmentStep("server", "look at the server", needs)
{
    /// <inheritdoc/>
    public override bool OnlyLooks => true;

    /// <summary>Keys that no server can get are of no use.</summary>
    public override bool UndoesEarlier(EnrolmentState state) => true;

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        rotation.Enter(state);
        if (state.Ports.Server is not { } server)
            return new("no server has the new keys");
        rotation.OldKeyId = EnrolmentState.ReadKeyId(rotation.OldKeys);
        state.SectionKeys = rotation.OldKeys;
        state.Server = await server.LookAsync(rotation.OldKeyId, "", cancellationToken).ConfigureAwait(false);
        var name = state.Server.Section is { } section ? SectionText.Name(section) : "";
        if (rotation.Folder.Phase is RotationPhase.Prepared or RotationPhase.Switched)
        {
            rotation.NewKeyId = EnrolmentState.ReadKeyId(rotation.NewKeys);
            rotation.New = await server.LookAsync(rotation.NewKeyId, name + RotationContext.Suffix, cancellationToken)
                .ConfigureAwait(false);
        }

        if (!state.Server.IsKnown && rotation.New is not { IsKnown: true } && !state.Options.Abort)
            throw new KeygenException(
                $"{server.Name} has no section with the keys of this machine in its files",
                $"enrol first: mandos-keygen enroll {RotationContext.ServerOf(state)}; a client that mandos-ctl added is in no file: "
                    + "unenroll it, make new keys, and enrol it");
        return new($"{server.Name} has {state.Server.Version}; {Describe(state)}");
    }

    private string Describe(EnrolmentState state) => (state.Server, rotation.New) switch
    {
        ({ File: { } file }, { File: { } next }) => $"the old keys are in /etc/mandos/{file}, the new ones in /etc/mandos/{next}",
        ({ File: { } file }, _) => $"it has this machine in /etc/mandos/{file}",
        (_, { File: { } next }) => $"it has only the new keys, in /etc/mandos/{next}",
        _ => "it knows neither the old keys nor the new ones",
    };
}
