using System.Text;
using Mandos.Client.Hosting;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.Tests;

/// <summary>Messages that go into a pipe instead of to standard error.</summary>
internal sealed class MessageCapture : IDisposable
{
    private readonly Descriptor _read;
    private readonly Descriptor _write;
    private readonly StringBuilder _text = new();

    public MessageCapture()
    {
        Assert.True(Descriptor.Pipe(out _read, out _write).Ok);
        Messages = new("test", debug: false, _write.Number);
    }

    public Messages Messages { get; }

    /// <summary>The lines since the last call. What another thread writes meanwhile is among those of the next one.</summary>
    public IReadOnlyList<string> Read()
    {
        // Something is there in any case.
        Messages.Write("\0");
        var bytes = new byte[4096];
        int end;
        while ((end = _text.ToString().IndexOf('\0', StringComparison.Ordinal)) < 0)
        {
            Assert.True(DescriptorIo.Read(_read.Number, bytes, out var count).Ok);
            _text.Append(Encoding.UTF8.GetString(bytes, 0, count));
        }

        var lines = _text.ToString(0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        _text.Remove(0, end + 1);
        return lines;
    }

    public void Dispose()
    {
        _read.Dispose();
        _write.Dispose();
    }
}
