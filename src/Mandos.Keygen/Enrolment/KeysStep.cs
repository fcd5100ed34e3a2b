using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Enrolment;

/// <summary>Makes the keys if there are none.</summary>
internal sealed class KeysStep() : EnrolmentStep("keys", "make the keys of this machine")
{
    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var directory = state.Options.Directory;
        if (Directory.Exists(directory))
            KeyFileTransaction.Recover(directory);
        if (KeyDirectory.HasAll(directory))
        {
            _ = state.ReadKeyId();
            return new($"in {directory}", AlreadyThere: true);
        }

        // The directory that the package makes.
        if (directory == KeyDirectory.Default && !Directory.Exists(directory))
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // All or none: after a failure there is nothing to take back.
        await state.Ports.MakeKeys(directory, cancellationToken).ConfigureAwait(false);
        return new($"in {directory}");
    }

    /// <inheritdoc/>
    public override string Plan(EnrolmentState state) =>
        KeyDirectory.HasAll(state.Options.Directory)
            ? $"use the keys in {state.Options.Directory}"
            : $"make keys in {state.Options.Directory}";
}
