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
    public async Task The_output_is_complete_at_the_end_of_the_pipe()
    {
        var output = new ChildOutput(_source, 10);
        Write("se"u8);
        Write("cret"u8);
        _child.Dispose();
        using var taken = await output.TakeAsync(TimeProvider.System);
        Assert.Equal("secret"u8.ToArray(), taken!.Span.ToArray());
    }

    [Fact]
    public async Task Output_is_complete_even_with_the_pipe_held_open()
    {
        var output = new ChildOutput(_source, 10);
        Write("secret"u8);
        using var taken = await output.TakeAsync(TimeProvider.System);
        Assert.Equal("secret"u8.ToArray(), taken!.Span.ToArray());
    }

    [Fact]
    public async Task A_signal_does_not_end_the_output()
    {
        var output = new ChildOutput(_source, 10);
        using (new SignalStorm())
        {
            SignalStorm.Pass();
            Assert.False(output.Whole.IsCompleted);
            Write("secret"u8);
            SignalStorm.Pass();
        }

        _child.Dispose();
        using var taken = await output.TakeAsync(TimeProvider.System);
        Assert.Equal("secret"u8.ToArray(), taken!.Span.ToArray());
    }

    [Fact]
    public async Task Output_beyond_the_limit_gives_no_password()
    {
        var output = new ChildOutput(_source, 5);
        Write("secret"u8);
        Assert.Null(await output.TakeAsync(TimeProvider.System));
    }

    [Fact]
    public async Task Forgotten_output_is_wiped_at_once_even_with_the_pipe_held_open()
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
