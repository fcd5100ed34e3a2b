using Mandos.Keygen.KeyFiles;
using Mandos.Keygen.Servers;

namespace Mandos.Keygen.Enrolment;

/// <summary>Finds out which server there is, and whether it knows this machine.</summary>
internal sealed class ServerStep() : EnrolmentStep("server", "look at the server", "keys")
{
    /// <inheritdoc/>
    public override bool OnlyLooks => true;

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        if (state.Ports.Server is not { } server)
            return new("the section is printed, for any server");
        if (state.Options.DryRun && !KeyDirectory.HasAll(state.Options.Directory))
            return new("it cannot know this machine, which has no keys yet");
        var client = await state.ClientNameAsync(cancellationToken).ConfigureAwait(false);
        var found = state.Server = await server.LookAsync(state.ReadKeyId(), client, cancellationToken).ConfigureAwait(false);
        var whose = found.Kind == ServerKind.Original ? " (the original's)" : "";
        var known = found.File is { } file ? $"it has this machine in /etc/mandos/{file}"
            : found.IsKnown ? "it knows this machine"
            : "it does not know this machine";
        return new($"{server.Name} has {found.Version}{whose}; {known}");
    }
}
