using Mandos.Core.Linux;

namespace Mandos.Core.Tests.Linux;

public sealed class KernelKeyTests : IDisposable
{
    private readonly string _name = $"mandos-test:{Guid.NewGuid()}";

    public KernelKeyTests() => Assert.SkipWhen(
        KernelKey.Keep(_name, "probe"u8, TimeSpan.FromMinutes(1)) is { Ok: false } error, "this kernel or this sandbox has no keyrings");

    public void Dispose() => KernelKey.Forget(_name);

    [Fact]
    public void A_secret_is_kept_until_it_is_forgotten()
    {
        using (var kept = KernelKey.Read(_name))
            Assert.Equal("probe"u8, kept!.Span);
        Assert.True(KernelKey.Forget(_name));
        Assert.Null(KernelKey.Read(_name));
        Assert.False(KernelKey.Forget(_name));
    }

    [Fact]
    public void A_new_secret_takes_the_place_of_the_old_one()
    {
        byte[] longer = [.. Enumerable.Range(0, KernelKey.Longest).Select(i => (byte)i)];
        Assert.True(KernelKey.Keep(_name, longer, TimeSpan.FromMinutes(1)).Ok);
        using var kept = KernelKey.Read(_name);
        Assert.Equal(longer, kept!.Span);
    }

    [Fact]
    public void Nothing_and_too_much_are_refused()
    {
        Assert.False(KernelKey.Keep(_name, [], TimeSpan.FromMinutes(1)).Ok);
        Assert.False(KernelKey.Keep(_name, new byte[KernelKey.Longest + 1], TimeSpan.FromMinutes(1)).Ok);
        Assert.Null(KernelKey.Read(_name));
    }

    [Fact]
    public void The_kernel_forgets_a_secret_by_itself_and_takes_another_one()
    {
        Assert.True(KernelKey.Keep(_name, "short"u8, TimeSpan.FromSeconds(1)).Ok);
        Assert.True(SpinWait.SpinUntil(() => Gone(), TimeSpan.FromMinutes(1)));
        Assert.True(KernelKey.Keep(_name, "again"u8, TimeSpan.FromMinutes(1)).Ok);
        using var kept = KernelKey.Read(_name);
        Assert.Equal("again"u8, kept!.Span);

        bool Gone()
        {
            using var kept = KernelKey.Read(_name);
            return kept is null;
        }
    }
}
