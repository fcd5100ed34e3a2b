using Mandos.Client.Network;

namespace Mandos.Client.Tests.Network;

public sealed class KernelLogLevelTests
{
    [Theory]
    [InlineData("7\t4\t1\t7", "5 7")]
    [InlineData("6 4 1 7", "5 6")]
    // Never louder than before.
    [InlineData("5\t4\t1\t7", "")]
    [InlineData("3\t4\t1\t7", "")]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("loud", "")]
    public void The_kernel_log_level_is_lowered_to_5_and_restored(string? setting, string levels)
    {
        var set = new List<int>();

        KernelLogLevel.Lower(setting, level => { set.Add(level); return true; }).Dispose();

        Assert.Equal(levels, string.Join(' ', set));
    }

    [Fact]
    public void A_log_level_that_could_not_be_lowered_is_not_restored()
    {
        var tries = 0;

        KernelLogLevel.Lower("7 4 1 7", _ => { tries++; return false; }).Dispose();

        Assert.Equal(1, tries);
    }
}
