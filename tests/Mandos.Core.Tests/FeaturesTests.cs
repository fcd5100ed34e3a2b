using System.Text.RegularExpressions;

namespace Mandos.Core.Tests;

/// <summary>docs/features.md says which test proves which feature; it must not say more than there is.</summary>
public sealed partial class FeaturesTests
{
    /// <summary>By class; one in several files is in Class.cs, Class.Subject.cs and so on.</summary>
    private static readonly Dictionary<string, string> Sources = Directory
        .EnumerateFiles(Path.Combine(Golden.Root, "tests"), "*Tests*.cs", SearchOption.AllDirectories)
        .GroupBy(file => Path.GetFileName(file).Split('.')[0])
        .ToDictionary(same => same.Key, same => string.Concat(same.Select(File.ReadAllText)));

    private static readonly List<string[]> Rows = [.. File.ReadLines(Path.Combine(Golden.Root, "docs", "features.md"))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| id ", StringComparison.Ordinal))
        .Select(line => line.Trim('|', ' ').Split(" | "))];

    [Fact]
    public void Every_row_has_a_unique_id_and_either_a_proof_or_a_reason_for_having_none()
    {
        Assert.NotEmpty(Rows);
        Assert.Equal(Rows.Count, Rows.Select(row => row[0]).Distinct().Count());
        Assert.All(Rows, row =>
        {
            Assert.Equal(4, row.Length);
            Assert.True(
                Proof().IsMatch(row[3])
                    || row[3].Contains("not yet", StringComparison.Ordinal)
                    || row[3].StartsWith("left out: ", StringComparison.Ordinal),
                row[0]);
        });
    }

    [Fact]
    public void Every_named_test_exists()
    {
        var named = Rows.SelectMany(row => Proof().Matches(row[3])).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, proof =>
        {
            Assert.True(Sources.TryGetValue(proof.Groups[1].Value, out var source), $"there is no class {proof.Groups[1].Value}");
            if (proof.Groups[2].Success)
                Assert.Matches($@"\b{proof.Groups[2].Value}\(", source);
        });
    }

    [Fact]
    public void Nothing_else_in_the_column_looks_like_a_test() =>
        Assert.All(Rows, row => Assert.DoesNotMatch("[A-Za-z]Tests", Proof().Replace(row[3], "")));

    /// <summary>A class, or one test of it, as in `DurationTests.The_table_has_66_rows`.</summary>
    [GeneratedRegex(@"`(\w+Tests)(?:\.(\w+))?`")]
    private static partial Regex Proof();
}
