using System.Globalization;

namespace Mandos.Fuzz;

/// <summary>What one process reached with its target, as the last line that it prints.</summary>
internal sealed record TargetReport(long Inputs, TimeSpan Time, int Branches, int Corpus, TimeSpan Slowest)
{
    private const string Mark = "report:";

    internal double InputsPerSecond => Inputs / Time.TotalSeconds;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Mark} {Inputs} {Time.TotalSeconds:0.0} {Branches} {Corpus} {Slowest.TotalMilliseconds:0}");

    internal static TargetReport? Find(string output)
    {
        if (output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault()?.Split(' ') is not [Mark, .. var fields]
            || fields.Length != 5)
            return null;
        var numbers = fields.Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        return new(
            (long)numbers[0], TimeSpan.FromSeconds(numbers[1]), (int)numbers[2], (int)numbers[3], TimeSpan.FromMilliseconds(numbers[4]));
    }
}
