using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Rotation;

/// <summary>Which part of a rotation a run has to do.</summary>
internal enum RotationPart
{
    /// <summary>From the new keys to images that have them.</summary>
    Begin,

    /// <summary>After a boot: drop the old keys.</summary>
    Finish,

    /// <summary>Back to the old keys.</summary>
    Abort,
}

/// <summary>Which steps a rotation has, in their order.</summary>
internal static class RotationPlan
{
    private const string Rehearsal = "rehearsal", Fetch = "fetch the password with the new keys, and open the disks with it";

    /// <summary>The names of all steps.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Begin(new(new(""))).Concat(Finish(new(new("")))).Concat(Abort(new(new(""))))
            .Select(step => step.Name).Distinct(),
    ];

    /// <summary>What a run with these options does: a second run finishes what the first one began, once the machine has booted.</summary>
    /// <param name="options">The options.</param>
    /// <param name="bootId">The number of this boot.</param>
    public static RotationPart Part(EnrolmentOptions options, Func<string> bootId)
    {
        if (options.Abort)
            return RotationPart.Abort;
        var folder = new RotationFolder(options.Directory);
        if (options.Finish || (!folder.Exists && folder.IsDropped))
            return RotationPart.Finish;
        // A server that does not have the new keys yet gets them first.
        var hasServer = options.Server is not { } server || folder.Has(server) || (folder.IsFinishing && folder.Servers.Count == 0);
        return folder.BuiltIn is { } built && built != bootId() && hasServer ? RotationPart.Finish : RotationPart.Begin;
    }

    /// <summary>The steps of a part.</summary>
    /// <exception cref="KeygenException">The requested step does not exist.</exception>
    public static IReadOnlyList<EnrolmentStep> For(RotationPart part, EnrolmentOptions options)
    {
        var folder = new RotationFolder(options.Directory);
        var rotation = new RotationContext(folder);
        // A crash while the last files were removed.
        if (part != RotationPart.Begin && !folder.Exists && folder.IsDropped)
            return [new DropStep(rotation, "remove the keys that are not in use")];
        return EnrolmentPlan.Choose(
            part switch
            {
                RotationPart.Begin => Begin(rotation),
                RotationPart.Finish => Finish(rotation),
                _ => Abort(rotation),
            },
            Names, options.Step);
    }

    private static List<EnrolmentStep> Begin(RotationContext rotation) =>
    [
        new DisksStep(), new NewKeysStep(rotation), new SectionsStep(rotation, "keys"), new ProvenPasswordStep(rotation),
        new NewSectionStep(rotation), Rehearse(rotation, Rehearsal, "disks", "section"), new SwitchStep(rotation),
        new InitramfsStep(), new NewKeysImageStep(rotation, "initramfs"),
    ];

    private static List<EnrolmentStep> Finish(RotationContext rotation) =>
    [
        new BootStep(rotation), new OptionalDisksStep(), new SectionsStep(rotation), Rehearse(rotation, Rehearsal, "disks"),
        new PromoteStep(rotation), Rehearse(rotation, "proof", "disks", "section"), new SlotOwnerStep(rotation),
        new DropStep(rotation, "remove the old keys", "boot", "server", "section", "proof", "slot"),
    ];

    private static List<EnrolmentStep> Abort(RotationContext rotation) =>
    [
        new SectionsStep(rotation), new SwitchBackStep(rotation), new InitramfsStep(), new NewKeysImageStep(rotation, "initramfs"),
        new WithdrawStep(rotation), new DropStep(rotation, "remove the new keys", "section"),
    ];

    private static RehearsalStep Rehearse(RotationContext rotation, string name, params IReadOnlyList<string> needs) => new(
        () => rotation.NewKeys, name, Fetch, "run the same command again; mandos-keygen rotate --abort takes the rotation back", needs);
}
