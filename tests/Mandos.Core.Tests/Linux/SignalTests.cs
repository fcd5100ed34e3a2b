using System.Diagnostics;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Tests.Linux;

/// <summary>Waits go on after a signal: neither is a wait over too early, nor is a time limit taken as passed.</summary>
public sealed class SignalTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(200);

    private readonly Descriptor _source;
    private readonly Descriptor _target;

    public SignalTests() => Assert.True(Descriptor.Pipe(out _source, out _target).Ok);

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
    }

    [Fact]
    public void A_wait_for_data_lasts_until_its_limit()
    {
        using var storm = new SignalStorm();
        var start = Stopwatch.GetTimestamp();
        Assert.False(DescriptorIo.WaitUntilReadable(_source.Number, (int)Long.TotalMilliseconds));
        Assert.True(Stopwatch.GetElapsedTime(start) >= Long);
    }

    [Fact]
    public void A_wait_of_a_loop_lasts_until_its_limit()
    {
        using var storm = new SignalStorm();
        using var wakeup = new Wakeup();
        var start = Stopwatch.GetTimestamp();
        wakeup.Wait(_source.Number, PollEntry.Readable, (int)Long.TotalMilliseconds);
        Assert.True(Stopwatch.GetElapsedTime(start) >= Long);
    }

    [Fact]
    public void A_reader_gets_its_time_before_a_writer_gives_up()
    {
        Assert.True(_target.SetWaiting(false).Ok);
        while (DescriptorIo.Write(_target.Number, new byte[4096], out _).Ok)
        {
        }

        using var storm = new SignalStorm();
        var start = Stopwatch.GetTimestamp();
        Assert.False(
            DescriptorIo.WriteAll(_target.Number, "late"u8, (int)Long.TotalMilliseconds, TestContext.Current.CancellationToken, out _).Ok);
        Assert.True(Stopwatch.GetElapsedTime(start) >= Long);
    }

    [Fact]
    public async Task A_wait_without_a_limit_lasts_until_there_is_data()
    {
        using var storm = new SignalStorm();
        var waiting = Readiness.WaitAsync(_source.Number, static () => false, TestContext.Current.CancellationToken);
        SignalStorm.Pass();
        Assert.False(waiting.IsCompleted);
        Assert.True(DescriptorIo.WriteAll(_target.Number, "x"u8, out _).Ok);
        await waiting.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }
}
