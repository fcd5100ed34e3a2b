using Mandos.Server.Startup;
using Mandos.Server.Tests.Bus;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Startup;

/// <summary>A stop that takes long says what it waits for.</summary>
public sealed class StopProgressTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LinesLogger _log = new();

    [Fact]
    public void A_stop_that_waits_logs_the_reason_and_repeats_it()
    {
        using var stop = new StopProgress(_log, _time);
        stop.WaitsFor("the disk");
        _time.Advance(StopProgress.Patience);
        Assert.Equal(["Warning: still stopping: waiting for the disk"], _log.Lines);
        _time.Advance(StopProgress.Reminder);
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public void A_stop_logs_only_the_step_that_takes_too_long()
    {
        using var stop = new StopProgress(_log, _time);
        stop.WaitsFor("the connections");
        _time.Advance(StopProgress.Patience / 2);
        stop.WaitsFor("the disk");
        _time.Advance(StopProgress.Patience);
        Assert.Equal(["Warning: still stopping: waiting for the disk"], _log.Lines);
    }

    [Fact]
    public void A_completed_stop_logs_nothing()
    {
        var stop = new StopProgress(_log, _time);
        stop.WaitsFor("the disk");
        stop.Dispose();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_log.Lines);
    }
}
