using CsCheck;
using Mandos.Core.Secrets;

namespace Mandos.Core.Tests;

public sealed class SecretBufferTests
{
    [Fact]
    public void It_gives_back_what_was_appended() =>
        Gen.Byte.Array[0, 200].Array[0, 5].Sample(parts =>
        {
            using var buffer = new SecretBuffer(1000);
            foreach (var part in parts)
                buffer.Append(part);
            Assert.Equal(parts.SelectMany(p => p), buffer.Span.ToArray());
        });

    [Fact]
    public void Bytes_beyond_a_shortened_length_are_wiped()
    {
        using var buffer = SecretBuffer.CopyOf("correct horse"u8);
        buffer.SetLength(7);
        buffer.SetLength(13);
        Assert.Equal("correct\0\0\0\0\0\0"u8.ToArray(), buffer.Span.ToArray());
    }

    [Fact]
    public void It_refuses_more_than_fits()
    {
        using var buffer = new SecretBuffer(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Append(new byte[buffer.Capacity + 1]));
    }

    [Fact]
    public void Its_text_never_shows_the_content()
    {
        using var buffer = SecretBuffer.CopyOf("correct horse"u8);
        Assert.Equal("13 secret bytes", buffer.ToString());
    }

    [Fact]
    public void After_disposal_it_cannot_be_read()
    {
        var buffer = SecretBuffer.CopyOf("x"u8);
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
    }
}
