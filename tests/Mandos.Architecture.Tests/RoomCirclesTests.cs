using Mandos.Architecture.Tests.Samples;

namespace Mandos.Architecture.Tests;

/// <summary>The reader of assemblies itself, on types whose references are known.</summary>
public sealed class RoomCirclesTests
{
    [Theory]
    [InlineData(nameof(RefersByBase))]
    [InlineData(nameof(RefersByInterface))]
    [InlineData(nameof(RefersByConstraint))]
    [InlineData(nameof(RefersByField))]
    [InlineData(nameof(RefersByTypeArgument))]
    [InlineData(nameof(RefersByResult))]
    [InlineData(nameof(RefersByParameter))]
    [InlineData(nameof(RefersByCall))]
    [InlineData(nameof(RefersByCast))]
    [InlineData(nameof(RefersByCatch))]
    [InlineData(nameof(RefersInSwitch))]
    [InlineData(nameof(RefersInLambda))]
    [InlineData(nameof(RefersInAsyncMethod))]
    [InlineData(nameof(RefersInNestedType))]
    public void A_reference_is_found_anywhere_in_a_type(string type) =>
        Assert.Contains(
            References(),
            reference =>
                reference.From == "Samples"
                    && reference.To == "Samples.Below"
                    && reference.Types.Any(tie => tie.Split(' ', '`')[0] == type));

    [Fact]
    public void A_type_without_references_has_none() =>
        Assert.DoesNotContain(
            References().SelectMany(reference => reference.Types),
            tie => tie.StartsWith(nameof(RefersToNothing), StringComparison.Ordinal));

    [Fact]
    public void A_cycle_is_reported_with_the_types_that_cause_it()
    {
        RoomReference[] references =
            [new("A", "B", ["X → Y"]), new("B", "C", ["Y → Z"]), new("C", "A", ["Z → X"]), new("A", "D", ["X → W"]),
                new("E", "A", ["V → X"])];
        Assert.Equal(["A → B: X → Y", "B → C: Y → Z", "C → A: Z → X"], Rooms.Circles(references).Select(reference => reference.ToString()));
    }

    [Fact]
    public void An_acyclic_graph_has_no_cycles()
    {
        RoomReference[] references = [new("A", "B", []), new("A", "C", []), new("B", "D", []), new("C", "D", [])];
        Assert.Empty(Rooms.Circles(references));
    }

    private static IReadOnlyList<RoomReference> References()
    {
        using var own = new CompiledAssembly(typeof(RoomCirclesTests).Assembly.Location);
        return Rooms.ReferencesIn(own, "Mandos.Architecture.Tests");
    }
}
