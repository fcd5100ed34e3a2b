using CsCheck;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Core.Tests.Secrets;

public sealed class SecretBufferTests
{
    [Fact]
    public void Appended_bytes_are_returned() =>
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
    public void Appending_beyond_the_capacity_is_refused()
    {
        using var buffer = new SecretBuffer(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Append(new byte[buffer.Capacity + 1]));
    }

    [Fact]
    public void The_text_of_a_buffer_never_shows_its_content()
    {
        using var buffer = SecretBuffer.CopyOf("correct horse"u8);
        Assert.Equal("13 secret bytes", buffer.ToString());
    }

    [Fact]
    public void A_disposed_buffer_cannot_be_read()
    {
        var buffer = SecretBuffer.CopyOf("x"u8);
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
    }

    [Fact]
    public void Buffers_share_mappings_so_that_the_kernel_limit_is_not_reached()
    {
        var before = File.ReadLines("/proc/self/maps").Count();
        var buffers = Enumerable.Range(0, 500).Select(_ => SecretBuffer.CopyOf("correct horse"u8)).ToList();
        var after = File.ReadLines("/proc/self/maps").Count();
        buffers.ForEach(b => b.Dispose());
        Assert.InRange(after, 0, before + 250);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(100_000)]
    public void Disposing_a_buffer_twice_does_not_wipe_the_next_one(int length)
    {
        var first = new SecretBuffer(length);
        first.Dispose();
        using var second = SecretBuffer.CopyOf(Enumerable.Repeat((byte)7, length).ToArray());
        first.Dispose();
        Assert.False(second.Span.ContainsAnyExcept((byte)7));
    }

    [Fact]
    public void A_disposed_buffer_no_longer_contains_what_was_written()
    {
        using var neighbour = SecretBuffer.CopyOf("neighbour"u8);
        var buffer = SecretBuffer.CopyOf("correct horse"u8);
        unsafe
        {
            var bytes = (byte*)buffer.Pin().Pointer;
            buffer.Dispose();
            // Their slab is mapped as long as the neighbour is, or as it is the only one of its size.
            Assert.False(new ReadOnlySpan<byte>(bytes, 13).ContainsAnyExcept((byte)0));
        }
    }

    [Fact]
    public void The_limit_on_locked_memory_is_raised_if_permitted_and_never_lowered()
    {
        var before = Limit();
        ProcessMemory.AllowLocking(4096);
        Assert.Equal(before, Limit());
        ProcessMemory.AllowLocking(int.MaxValue);
        Assert.True(Limit() >= before);

        // Name, soft limit, hard limit, unit, in columns of fixed width.
        static decimal Limit() =>
            File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max locked memory", StringComparison.Ordinal))
            .Substring(26, 20).Trim() is var soft && soft == "unlimited"
                ? decimal.MaxValue
                : decimal.Parse(soft, System.Globalization.CultureInfo.InvariantCulture);
    }
}
