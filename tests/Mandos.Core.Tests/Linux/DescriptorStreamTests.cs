using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Tests.Linux;

public sealed class DescriptorStreamTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_second_stream_on_the_same_descriptor_writes_after_the_first()
    {
        using (var file = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite))
        {
            var descriptor = (int)file.DangerousGetHandle();
            using (var first = new DescriptorStream(descriptor))
                first.Write("one "u8);
            using var second = new DescriptorStream(descriptor);
            second.Write("two"u8);
        }

        Assert.Equal("one two", File.ReadAllText(_path));
    }

    [Fact]
    public void A_file_is_read_to_the_end()
    {
        File.WriteAllText(_path, "content");
        using var file = File.OpenHandle(_path);
        using var reader = new StreamReader(new DescriptorStream((int)file.DangerousGetHandle()), Encoding.UTF8);

        Assert.Equal("content", reader.ReadToEnd());
    }

    [Fact]
    public async Task A_descriptor_that_another_process_made_non_blocking_is_waited_for()
    {
        Assert.True(Descriptor.Pipe(out var source, out var target).Ok);
        using (source)
        using (target)
        {
            Assert.True(source.SetWaiting(false).Ok);
            await using var stream = new DescriptorStream(source.Number);
            var reading = BlockingTask.Run(() =>
            {
                var bytes = new byte[8];
                return bytes[..stream.Read(bytes)];
            });
            Assert.NotSame(reading, await Task.WhenAny(reading, Task.Delay(50, TestContext.Current.CancellationToken)));
            Assert.True(DescriptorIo.WriteAll(target.Number, "late"u8, out _).Ok);
            Assert.Equal("late", Encoding.UTF8.GetString(await reading));
        }
    }

    /// <summary>A pipe that can be written has room for 4,096 bytes; a terminal may have room for one.</summary>
    [Fact]
    public async Task A_terminal_with_too_little_room_is_given_up_at_the_time_limit()
    {
        using var terminal = new PseudoTerminal();
        terminal.FillNearly();
        var writing = BlockingTask.Run(
            () => DescriptorIo.WriteAll(terminal.Terminal, new byte[4096], 200, CancellationToken.None, out _));
        var limit = Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.NotSame(limit, await Task.WhenAny(writing, limit));
        Assert.Equal(Errno.TryAgain, (await writing).Code);
    }

    [Fact]
    public void A_full_disk_is_an_error()
    {
        using var file = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        using var stream = new DescriptorStream((int)file.DangerousGetHandle());

        Assert.Equal("No space left on device", Assert.Throws<IOException>(() => stream.Write("x"u8)).Message);
    }
}
