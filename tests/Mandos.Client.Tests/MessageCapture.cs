using System.Text;
using Mandos.Client.Hosting;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.Tests;

/// <summary>Messages that go into a pipe instead of to standard error.</summary>
internal sealed class MessageCapture : IDisposable
{
    private readonly Descriptor _read;
    private readonly Descriptor _write;

    public MessageCapture()
    {
        Assert.True(Descriptor.Pipe(out _read, out _write).Ok);
        Messages = new("test", debug: false, _write.Number);
    }

    public Messages Messages { get; }

    /// <summary>The lines since the last call.</summary>
    public IReadOnlyList<string> Read()
    {
        // Something is there in any case.
        Messages.Write("\0");
        var text = new StringBuilder();
        var bytes = new byte[4096];
        while (text.Length == 0 || text[^1] != '\0')
        {
            Assert.True(DescriptorIo.Read(_read.Number, bytes, out var count).Ok);
            text.Append(Encoding.UTF8.GetString(bytes, 0, count));
        }

        return text.ToString(0, text.Length - 1).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public void Dispose()
    {
        _read.Dispose();
        _write.Dispose();
    }
}
