using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Enrolment;

/// <summary>Which steps a run has, in their order.</summary>
internal static class EnrolmentPlan
{
    /// <summary>The names of the steps of enroll, in their order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enroll(newKeySlot: true).Select(step => step.Name)];

    /// <summary>The steps of enroll.</summary>
    /// <exception cref="KeygenException">The requested step does not exist.</exception>
    public static IReadOnlyList<EnrolmentStep> ForEnroll(EnrolmentOptions options) =>
        Choose(Enroll(options.NewKeySlot), Names, options.Step);

    /// <summary>The steps of unenroll.</summary>
    /// <exception cref="KeygenException">The requested step does not exist.</exception>
    public static IReadOnlyList<EnrolmentStep> ForUnenroll(EnrolmentOptions options)
    {
        List<EnrolmentStep> all =
            [new ServerStep(), new OptionalDisksStep(), new RemoveSectionStep(), new RemoveSlotsStep()];
        if (options.RemoveKeys)
            all.Add(new RemoveKeysStep());
        all.Add(new InitramfsStep(always: true));
        return Choose(all, Names, options.Step);
    }

    private static List<EnrolmentStep> Enroll(bool newKeySlot)
    {
        List<EnrolmentStep> all = [new KeysStep(), new DisksStep(), new ServerStep(), new PassphraseStep()];
        if (newKeySlot)
            all.Add(new SlotStep());
        return [
            .. all, new SectionStep(newKeySlot ? "slot" : "passphrase"), new RehearsalStep(), new InitramfsStep(), new ImageStep()];
    }

    /// <summary>One step of a plan with those that it needs, or all.</summary>
    /// <exception cref="KeygenException">The step does not exist.</exception>
    /// <param name="all">The plan.</param>
    /// <param name="known">The names of the steps of all runs of the command.</param>
    /// <param name="name">The step; null for all.</param>
    internal static IReadOnlyList<EnrolmentStep> Choose(List<EnrolmentStep> all, IReadOnlyList<string> known, string? name)
    {
        if (name is null)
            return all;
        if (!all.Exists(step => step.Name == name))
            throw new KeygenException(
                known.Contains(name) ? $"the step {name} is not part of this run" : $"there is no step '{name}'",
                $"the steps are {string.Join(", ", all.Select(step => step.Name))}{(name == "slot" ? "; slot needs --new-key-slot" : "")}");
        var chosen = new HashSet<string> { name };
        // The passphrase of a new key slot exists only until the section is installed.
        if (name == "slot" && all.Exists(step => step.Name == "section" && step.Needs.Contains("slot")))
            chosen.Add("section");
        // Each step needs only earlier ones.
        foreach (var step in Enumerable.Reverse(all).Where(step => chosen.Contains(step.Name)))
            chosen.UnionWith(step.Needs);
        return [.. all.Where(step => chosen.Contains(step.Name))];
    }
}
