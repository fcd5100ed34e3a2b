using Mandos.Client.Launching;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.Tests.Launching;

public sealed class ChildOutputTests : IDisposable
{
    private readonly Descriptor _child;
    private readonly Descriptor _source;

    public ChildOutputTests() => Assert.True(Descriptor.Pipe(out _source, out _child).Ok);

    public void Dispose() => _child.Dispose();

    [Fact]
    public async Task It_is_whole_at_the_end_of_the_pipe()
    {
        var output = new ChildOutput(_source, 10);
        Write("se"u8);
        Write("cret"u8);
        _child.Dispose();
        using var taken = await output.TakeAsync(TimeProvider.System);
        Assert.Equal("secret"u8.ToArray(), taken!.Span.ToArray());
    }

    [Fact]
    public async Task With_the_pipe_held_open_it_is_what_was_printed()
    {
        var output = new ChildOutput(_source, 10);
        Write("secret"u8);
        using var taken = await output.TakeAsync(TimeProvider.System);
        Assert.Equal("secret"u8.ToArray(), taken!.Span.ToArray());
    }

    [Fact]
    public async Task More_than_the_limit_is_nothing()
    {
        var output = new ChildOutput(_source, 5);
        Write("secret"u8);
        Assert.Null(await output.TakeAsync(TimeProvider.System));
    }

    [Fact]
    public async Task What_is_forgotten_is_wiped_at_once_also_with_the_pipe_held_open()
    {
        var output = new ChildOutput(_source, 10);
        Write("secret"u8);
        output.Forget();
        var forgotten = await output.Whole.WaitAsync(TestContext.Current.CancellationToken);
        while (true)
        {
            try
            {
                _ = forgotten!.Span;
                await Task.Yield();
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Write(ReadOnlySpan<byte> text) => Assert.True(DescriptorIo.WriteAll(_child.Number, text, out _).Ok);
}
