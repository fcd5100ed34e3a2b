using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Passwords;
using Mandos.Keygen.Servers;

namespace Mandos.Keygen.Rotation;

/// <summary>
/// Gives the server a section for the new keys, with all settings of the old one. It is in the same file: there the same defaults apply,
/// and one rename of that file exchanges both sections later.
/// </summary>
internal sealed class NewSectionStep(RotationContext rotation)
    : EnrolmentStep("section", "install a section for the new keys on the server", "passphrase")
{
    /// <inheritdoc/>
    public override string Plan(EnrolmentState state) => state.Server?.Section is { } section
        ? $"install [{SectionText.Name(section)}{RotationContext.Suffix}] in /etc/mandos/{state.Server.File} on {state.Ports.Server!.Name}"
        : Title;

    /// <inheritdoc/>
    public override async Task<StepResult> RunAsync(EnrolmentState state, CancellationToken cancellationToken)
    {
        var server = state.Ports.Server!;
        if (rotation.IsTold)
        {
            rotation.Folder.AddServer(RotationContext.ServerOf(state));
            return new("the server has this password for the new keys", AlreadyThere: true);
        }

        using var keys = StoredKeys.Load(rotation.NewKeys);
        var secret = SecretMessage.Create(state.Existing!.Span, keys, state.Ports.Time.GetUtcNow());
        var (place, name, text) = rotation.New is { IsKnown: true, Section: { } known }
            ? (rotation.New, SectionText.Name(known), SectionText.WithSecret(known, secret))
            : New(state, keys.Fingerprint, secret);
        // Noted first: after a crash, an abort must know where to look.
        rotation.Folder.AddServer(RotationContext.ServerOf(state));
        var installed = await server.InstallAsync(place, new(name, rotation.NewKeyId, text, secret), cancellationToken)
            .ConfigureAwait(false);
        return new($"[{name}] in {installed.Place}") { Warnings = installed.Warnings };
    }

    private (ServerState Place, string Name, string Text) New(EnrolmentState state, string fingerprint, byte[] secret)
    {
        var (old, server) = (state.Server!, state.Ports.Server!.Name);
        var section = old.Section!;
        var name = SectionText.Name(section) + RotationContext.Suffix;
        if (rotation.New is { Taken: { } taken })
            throw new KeygenException(
                $"{server} has a client named {name} with other keys, in {taken}",
                "if it is left from a rotation whose keys are gone, remove that section there");
        if (!SectionText.HasSecret(section))
            throw new KeygenException(
                $"the section in {old.File} on {server} has its secret in another file (secfile)",
                "put the secret into the section, and try again");
        return (old, name, SectionText.ForKeys(section, name, rotation.NewKeyId, fingerprint, secret));
    }
}
