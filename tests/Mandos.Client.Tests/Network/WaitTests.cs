using Mandos.Client.Network;

namespace Mandos.Client.Tests.Network;

public sealed class WaitTests
{
    // -1: infinite.
    [Theory]
    [InlineData(-1, -1, -1)]
    [InlineData(-1, 3, 3)]
    [InlineData(3, -1, 3)]
    [InlineData(0, -1, 0)]
    [InlineData(-1, 0, 0)]
    [InlineData(2, 3, 2)]
    [InlineData(3, 2, 2)]
    public void The_shorter_of_two_waits_wins_and_infinite_is_the_longest(int a, int b, int expected) =>
        Assert.Equal(TimeSpan.FromMilliseconds(expected), Wait.Shorter(TimeSpan.FromMilliseconds(a), TimeSpan.FromMilliseconds(b)));
}
