using Mandos.Core.Secrets;
using Mandos.Fuzz.Engine;

namespace Mandos.Core.Tests.Secrets;

/// <summary>What the fuzzer counts of a reader.</summary>
public sealed class InputCostTests
{
    private static readonly InputLimits Limits = new(TimeSpan.FromHours(1), 1 << 20, 1 << 20);

    [Theory]
    [InlineData(100)]
    [InlineData(SecretArena.Longest)]
    [InlineData(100_000)]
    public void Too_much_locked_memory_is_reported(int length)
    {
        var fault = FaultOf(() =>
        {
            for (var taken = 0; taken <= 1 << 20; taken += length)
                new SecretBuffer(length).Dispose();
        });

        Assert.StartsWith("takes ", fault, StringComparison.Ordinal);
        Assert.EndsWith(" bytes of locked memory, more than 1048576", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_much_heap_memory_is_reported()
    {
        var fault = FaultOf(() => GC.KeepAlive(new byte[(1 << 20) + 1]));

        Assert.EndsWith(" bytes, more than 1048576", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_within_both_limits_is_not_reported() =>
        Assert.Null(FaultOf(() =>
        {
            using var secret = new SecretBuffer(1000);
            GC.KeepAlive(new byte[1000]);
        }));

    private static string? FaultOf(Action reader)
    {
        var began = InputCost.SoFar;
        reader();
        return InputCost.SoFar.Since(began).MemoryFault(Limits);
    }
}
