using Mandos.Core.Linux.Files;
using Mandos.Core.Secrets;

namespace Mandos.Core.Tests.Linux;

public sealed class InputFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mandos-core-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_file_can_be_opened_through_a_symbolic_link()
    {
        File.WriteAllText(Path("file"), "text");
        File.CreateSymbolicLink(Path("link"), Path("file"));
        Assert.Equal((null, "text"), Read(Path("link")));
    }

    [Fact]
    public void A_FIFO_without_a_writer_is_an_error() =>
        Assert.Equal(("it is a FIFO that no process writes to", ""), Read(NewFifo(), TimeSpan.FromMilliseconds(50)));

    [Fact]
    public async Task A_signal_does_not_end_the_wait_for_a_writer()
    {
        var fifo = NewFifo();
        using var storm = new SignalStorm();
        var reading = Task.Run(() => Read(fifo, TimeSpan.FromMinutes(1)), TestContext.Current.CancellationToken);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        // Opened for both, it does not wait for a reader.
        await using (var writer = new FileStream(fifo, FileMode.Open, FileAccess.ReadWrite))
        {
            await writer.WriteAsync("late"u8.ToArray(), TestContext.Current.CancellationToken);
            await writer.FlushAsync(TestContext.Current.CancellationToken);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Equal((null, "late"), await reading);
    }

    [Fact]
    public async Task A_FIFO_is_read_until_its_writer_closes_it()
    {
        var fifo = NewFifo();
        var reading = Task.Run(() => Read(fifo, TimeSpan.FromMinutes(1)), TestContext.Current.CancellationToken);
        await using (var writer = new FileStream(fifo, FileMode.Open, FileAccess.Write))
        {
            await writer.WriteAsync("one "u8.ToArray(), TestContext.Current.CancellationToken);
            await writer.FlushAsync(TestContext.Current.CancellationToken);
            await writer.WriteAsync("two"u8.ToArray(), TestContext.Current.CancellationToken);
        }

        Assert.Equal((null, "one two"), await reading);
    }

    [Fact]
    public void A_file_larger_than_the_limit_is_not_read()
    {
        File.WriteAllBytes(Path("file"), new byte[1001]);
        Assert.Null(InputFile.Open(Path("file"), TimeSpan.Zero, out var file, out _));
        using (file)
            Assert.Null(SecretInput.ReadToEnd(file.Number, 1000, out _));
    }

    [Fact]
    public void A_directory_or_a_missing_file_is_refused()
    {
        Assert.Equal(("it is not a file that can be read", ""), Read(_directory));
        Assert.Equal(("No such file or directory", ""), Read(Path("missing")));
        Assert.Equal((null, ""), Read("/dev/null"));
    }

    private string NewFifo()
    {
        var path = Path("fifo");
        using var made = System.Diagnostics.Process.Start("mkfifo", path);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
        return path;
    }

    private string Path(string name) => System.IO.Path.Combine(_directory, name);

    private static (string? Problem, string Text) Read(string path, TimeSpan patience = default)
    {
        var problem = InputFile.Open(path, patience, out var file, out _);
        using (file)
        {
            if (problem is not null)
                return (problem, "");
            using var content = SecretInput.ReadToEnd(file.Number, 1000, out _);
            return (null, System.Text.Encoding.ASCII.GetString(content!.Span));
        }
    }
}
