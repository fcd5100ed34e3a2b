namespace Mandos.Interop.Fleets;

/// <summary>A difference that is meant to be.</summary>
/// <param name="Why">What was mended, in the words of docs/differences.md.</param>
/// <param name="Step">The step of the day; "" is any.</param>
/// <param name="Who">The place; a name alone is the bus of that client, "" is any.</param>
/// <param name="Times">How often.</param>
/// <param name="Original">The lines with the original.</param>
/// <param name="Ours">The lines with ours.</param>
internal sealed record FleetDeviation(string Why, string Step, string Who, int Times, string[] Original, string[] Ours)
{
    /// <summary>Whether a difference is this.</summary>
    public bool Explains(FleetDifference difference) =>
        (Step.Length == 0 || Step == difference.Step) && (Who.Length == 0 || Who == difference.Who || $"bus of {Who}" == difference.Who)
        && Original.SequenceEqual(difference.Original) && Ours.SequenceEqual(difference.Ours);

    /// <inheritdoc/>
    public override string ToString() => $"{Why}\n{new FleetDifference(Step, Who, Original, Ours)}";
}
