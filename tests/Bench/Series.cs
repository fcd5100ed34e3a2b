namespace Mandos.Bench;

/// <summary>All runs of a scenario.</summary>
internal sealed record Series(Scenario Scenario, IReadOnlyList<Sample> Original, IReadOnlyList<Sample> Ours);

/// <summary>The middle of some numbers, and their spread.</summary>
internal readonly record struct Median(double Value, double Least, double Most)
{
    public static Median Of(IEnumerable<double> numbers)
    {
        var sorted = numbers.Order().ToArray();
        var middle = sorted.Length / 2;
        return new(sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1]);
    }
}
