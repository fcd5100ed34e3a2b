namespace Mandos.Core.Linux.FileDescriptors;

/// <summary>
/// An inherited descriptor (standard input, output, error) as an unbuffered stream. Unlike the streams of System.Console it never changes
/// the terminal's settings, does not echo, and keeps no copy; unlike a FileStream it shares the file position with other users of the
/// descriptor.
/// </summary>
public sealed class DescriptorStream(int descriptor) : Stream
{
    /// <summary>Whether data that cannot be written is silently dropped.</summary>
    public bool IgnoresErrors { get; init; }

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanWrite => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc />
    public override int Read(Span<byte> buffer)
    {
        var error = DescriptorIo.Read(descriptor, buffer, out var count);
        return error.Ok ? count : throw new IOException(error.ToString());
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var error = DescriptorIo.WriteAll(descriptor, buffer, out _);
        if (!error.Ok && !IgnoresErrors)
            throw new IOException(error.ToString());
    }

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public override void Flush()
    {
        // Nothing is buffered.
    }

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();
}
