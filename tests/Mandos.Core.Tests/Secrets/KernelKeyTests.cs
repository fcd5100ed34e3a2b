using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Core.Tests.Secrets;

public sealed class KernelKeyTests : IDisposable
{
    private const int NoSuchCall = 38;

    private readonly string _name = $"mandos-test:{Guid.NewGuid()}";

    /// <summary>Only a kernel without keyrings, or a sandbox that filters system calls, is a reason not to try.</summary>
    public KernelKeyTests()
    {
        var error = KernelKey.Keep(_name, "probe"u8, TimeSpan.FromMinutes(1));
        Assert.SkipWhen(error.Code == NoSuchCall, "this kernel has no keyrings");
        Assert.SkipWhen(error.Code == Errno.NotPermitted && IsFiltered, "this sandbox has no keyrings");
        Assert.True(error.Ok, error.ToString());
    }

    private static bool IsFiltered => !File.ReadLines("/proc/self/status").Contains("Seccomp:\t0");

    public void Dispose() => KernelKey.Forget(_name);

    [Fact]
    public void A_password_stays_in_the_kernel_keyring_until_it_is_removed()
    {
        using (var kept = KernelKey.Read(_name))
            Assert.Equal("probe"u8, kept!.Span);
        Assert.True(KernelKey.Forget(_name));
        Assert.Null(KernelKey.Read(_name));
        Assert.False(KernelKey.Forget(_name));
    }

    [Fact]
    public void A_new_secret_replaces_the_old_one()
    {
        // Root, for whom it is meant, has room for the longest; others have 20,000 bytes in all (kernel.keys.maxbytes).
        var length = Environment.IsPrivilegedProcess ? KernelKey.Longest : 16_000;
        byte[] longer = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        Assert.True(KernelKey.Keep(_name, longer, TimeSpan.FromMinutes(1)).Ok);
        using var kept = KernelKey.Read(_name);
        Assert.Equal(longer, kept!.Span);
    }

    [Fact]
    public void Empty_and_oversized_keys_are_refused()
    {
        Assert.False(KernelKey.Keep(_name, [], TimeSpan.FromMinutes(1)).Ok);
        Assert.False(KernelKey.Keep(_name, new byte[KernelKey.Longest + 1], TimeSpan.FromMinutes(1)).Ok);
        Assert.Null(KernelKey.Read(_name));
    }

    [Fact]
    public void The_kernel_drops_a_secret_after_its_timeout_and_accepts_another()
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
