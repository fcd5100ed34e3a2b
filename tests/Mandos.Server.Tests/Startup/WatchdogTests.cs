using System.Threading.Channels;
using Mandos.Server.Startup;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Startup;

public sealed class WatchdogTests
{
    [Theory]
    [InlineData("60000000", null, 30)]
    [InlineData("60000000", "7", 30)]
    [InlineData("60000000", "8", null)]
    [InlineData(null, null, null)]
    [InlineData("0", null, null)]
    [InlineData("-5", null, null)]
    [InlineData("soon", null, null)]
    public void Watchdog_notifications_are_sent_twice_as_often_as_systemd_requires(string? allowed, string? process, int? seconds)
    {
        var interval = Watchdog.Interval(name => name == "WATCHDOG_USEC" ? allowed : process, 7);
        Assert.Equal(seconds, (int?)interval?.TotalSeconds);
    }

    [Fact]
    public async Task The_watchdog_is_not_notified_while_the_loop_is_stuck()
    {
        var time = new FakeTimeProvider();
        var notifier = new Recorder();
        var alive = Channel.CreateUnbounded<bool>();
        using var watchdog = new Watchdog(notifier, async ct => _ = await alive.Reader.ReadAsync(ct), TimeSpan.FromSeconds(30), time);
        await watchdog.StartAsync(TestContext.Current.CancellationToken);

        alive.Writer.TryWrite(true);
        Assert.Equal("WATCHDOG=1", await notifier.States.Reader.ReadAsync(TestContext.Current.CancellationToken));
        for (var i = 0; i < 5; i++)
            time.Advance(TimeSpan.FromSeconds(30));
        Assert.False(notifier.States.Reader.TryRead(out _));

        alive.Writer.TryWrite(true);
        Assert.Equal("WATCHDOG=1", await notifier.States.Reader.ReadAsync(TestContext.Current.CancellationToken));
        await watchdog.StopAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Recorder : ISystemdNotifier
    {
        public Channel<string> States { get; } = Channel.CreateUnbounded<string>();

        public bool IsEnabled => true;

        public void Notify(ServiceState state) => States.Writer.TryWrite(state.ToString());
    }
}
