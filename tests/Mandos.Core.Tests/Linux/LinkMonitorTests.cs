using System.Net;
using Mandos.Core.Linux.Netlink;

namespace Mandos.Core.Tests.Linux;

public sealed class LinkMonitorTests
{
    [Fact]
    public async Task The_first_read_reports_the_existing_interfaces()
    {
        using var monitor = Open();

        var changes = await monitor.ReadAsync(TestContext.Current.CancellationToken);

        var loopback = Assert.Single(changes, change => change.State!.Flags.HasFlag(LinkFlags.Loopback)).State!;
        Assert.Equal("lo", loopback.Name);
        Assert.Contains(loopback.Addresses, address => address.Address.Equals(IPAddress.Loopback) && address.PrefixLength == 8);
        Assert.Equal(changes.Select(change => change.State), monitor.Links);
        Assert.Equal(0, monitor.MalformedDatagrams);
    }

    [Fact]
    public async Task A_read_without_changes_waits_until_it_is_cancelled()
    {
        using var monitor = Open();
        _ = await monitor.ReadAsync(TestContext.Current.CancellationToken);
        using var cancellation = new CancellationTokenSource();

        var read = monitor.ReadAsync(cancellation.Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task After_a_cancelled_first_read_the_next_one_returns_every_link()
    {
        using var monitor = Open();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => monitor.ReadAsync(cancelled.Token));

        var changes = await monitor.ReadAsync(TestContext.Current.CancellationToken);

        Assert.Contains(changes, change => change.State?.Name == "lo");
    }

    private static LinkMonitor Open()
    {
        Assert.True(LinkMonitor.TryOpen(out var monitor, out var error), error.ToString());
        return monitor;
    }
}
