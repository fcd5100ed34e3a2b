using Mandos.Core.Linux;

namespace Mandos.Core.Tests.Linux;

public sealed class SystemRandomTests
{
    [Fact]
    public void Every_part_of_a_long_span_is_filled()
    {
        var bytes = new byte[100_000];
        SystemRandom.Fill(bytes);
        Assert.All(bytes.Chunk(64), chunk => Assert.Contains(chunk, b => b != 0));
    }

    [Fact]
    public void Two_calls_give_different_random_bytes()
    {
        byte[] first = new byte[32], second = new byte[32];
        SystemRandom.Fill(first);
        SystemRandom.Fill(second);
        Assert.NotEqual(first, second);
    }
}
