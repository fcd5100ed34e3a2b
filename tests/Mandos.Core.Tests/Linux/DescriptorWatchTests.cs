using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Tests.Linux;

public sealed class DescriptorWatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wait_completes_when_there_is_something_to_read_and_not_before()
    {
        using var watch = new DescriptorWatch();
        var (read, write) = Pipe();
        using (read)
        using (write)
        {
            var wait = watch.WaitAsync(read.Number, Token);
            await Task.Delay(20, Token);
            Assert.False(wait.IsCompleted);

            Assert.True(DescriptorIo.WriteAll(write.Number, "x"u8, out _).Ok);

            await wait.WaitAsync(Patience, Token);
            // What was not read is there for the next wait, too.
            await watch.WaitAsync(read.Number, Token).WaitAsync(Patience, Token);
        }
    }

    [Fact]
    public async Task A_wait_completes_at_end_of_file()
    {
        using var watch = new DescriptorWatch();
        var (read, write) = Pipe();
        using (read)
        {
            var wait = watch.WaitAsync(read.Number, Token);
            write.Dispose();

            await wait.WaitAsync(Patience, Token);
        }
    }

    [Fact]
    public async Task After_a_cancelled_wait_the_descriptor_can_be_waited_for_again()
    {
        using var watch = new DescriptorWatch();
        var (read, write) = Pipe();
        using (read)
        using (write)
        using (var impatience = new CancellationTokenSource())
        {
            var wait = watch.WaitAsync(read.Number, impatience.Token);
            await impatience.CancelAsync();
            await Assert.ThrowsAsync<TaskCanceledException>(() => wait);

            var again = watch.WaitAsync(read.Number, Token);
            Assert.True(DescriptorIo.WriteAll(write.Number, "x"u8, out _).Ok);
            await again.WaitAsync(Patience, Token);
        }
    }

    [Fact]
    public async Task Each_wait_completes_for_its_own_descriptor_only()
    {
        using var watch = new DescriptorWatch();
        var pipes = Enumerable.Range(0, 300).Select(_ => Pipe()).ToList();
        var waits = pipes.Select(p => watch.WaitAsync(p.Read.Number, Token)).ToList();

        foreach (var (_, write) in pipes.Where((_, i) => i % 3 == 0))
            Assert.True(DescriptorIo.WriteAll(write.Number, "x"u8, out _).Ok);

        await Task.WhenAll(waits.Where((_, i) => i % 3 == 0)).WaitAsync(Patience, Token);
        Assert.DoesNotContain(waits.Where((_, i) => i % 3 != 0), w => w.IsCompleted);
        foreach (var (_, write) in pipes)
            write.Dispose();
        await Task.WhenAll(waits).WaitAsync(Patience, Token);
        foreach (var (read, _) in pipes)
            read.Dispose();
    }

    [Fact]
    public async Task Waiting_on_an_invalid_descriptor_is_an_error()
    {
        using var watch = new DescriptorWatch();

        await Assert.ThrowsAsync<InvalidOperationException>(() => watch.WaitAsync(-1, Token));
    }

    [Fact]
    public async Task Disposal_cancels_all_waits()
    {
        var watch = new DescriptorWatch();
        var (read, write) = Pipe();
        using (read)
        using (write)
        {
            var wait = watch.WaitAsync(read.Number, Token);
            watch.Dispose();

            await Assert.ThrowsAsync<TaskCanceledException>(() => wait);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => watch.WaitAsync(read.Number, Token));
        }
    }

    [Fact]
    public async Task A_callback_is_called_until_it_returns_false()
    {
        using var watch = new DescriptorWatch();
        var (read, write) = Pipe();
        using (read)
        using (write)
        {
            var taken = new List<byte>();
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var watched = watch.Watch(read.Number, () =>
            {
                var one = new byte[1];
                Assert.True(DescriptorIo.Read(read.Number, one, out _).Ok);
                taken.Add(one[0]);
                if (taken.Count == 3)
                    ended.SetResult();
                return taken.Count < 3;
            });

            Assert.True(DescriptorIo.WriteAll(write.Number, "abcd"u8, out _).Ok);

            await ended.Task.WaitAsync(Patience, Token);
            watched.Dispose();
            // What it leaves is there for others, and it is not called for that.
            await watch.WaitAsync(read.Number, Token).WaitAsync(Patience, Token);
            Assert.Equal("abc"u8.ToArray(), taken);
        }
    }

    [Fact]
    public async Task A_disposed_callback_is_neither_running_nor_called()
    {
        using var watch = new DescriptorWatch();
        var (read, write) = Pipe();
        using (read)
        using (write)
        {
            Assert.True(DescriptorIo.WriteAll(write.Number, "x"u8, out _).Ok);
            for (var round = 0; round < 50; round++)
            {
                var (calls, runs) = (0, false);
                var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var watched = watch.Watch(read.Number, () =>
                {
                    Volatile.Write(ref runs, true);
                    Interlocked.Increment(ref calls);
                    called.TrySetResult();
                    Volatile.Write(ref runs, false);
                    return true;
                });
                await called.Task.WaitAsync(Patience, Token);

                watched.Dispose();

                Assert.False(Volatile.Read(ref runs));
                var before = Volatile.Read(ref calls);
                await Task.Yield();
                Assert.Equal(before, Volatile.Read(ref calls));
            }
        }
    }

    private static (Descriptor Read, Descriptor Write) Pipe()
    {
        Assert.True(Descriptor.Pipe(out var read, out var write).Ok);
        return (read, write);
    }
}
