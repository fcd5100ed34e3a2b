using System.Text;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Tests.Linux;

public sealed class DescriptorStreamTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Others_who_write_to_the_same_descriptor_go_on_behind_it()
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
    public void It_reads_to_the_end()
    {
        File.WriteAllText(_path, "content");
        using var file = File.OpenHandle(_path);
        using var reader = new StreamReader(new DescriptorStream((int)file.DangerousGetHandle()), Encoding.UTF8);

        Assert.Equal("content", reader.ReadToEnd());
    }

    [Fact]
    public void A_disk_without_space_is_an_error()
    {
        using var file = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        using var stream = new DescriptorStream((int)file.DangerousGetHandle());

        Assert.Equal("No space left on device", Assert.Throws<IOException>(() => stream.Write("x"u8)).Message);
    }
}
