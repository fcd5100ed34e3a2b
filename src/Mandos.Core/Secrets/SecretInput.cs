using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Core.Secrets;

/// <summary>Reads secrets from descriptors directly into locked memory.</summary>
public static class SecretInput
{
    /// <summary>
    /// Reads to the end into locked memory. Null if there is more than <paramref name="limit"/> bytes or reading failed
    /// (<paramref name="error"/> says why); the caller owns the buffer.
    /// </summary>
    public static SecretBuffer? ReadToEnd(int descriptor, int limit, out Errno error) =>
        ReadToEnd(descriptor, limit, static () => true, out error);

    /// <summary>Reads to the end, or until no more data is available, which is checked before each read.</summary>
    public static SecretBuffer? ReadToEnd(int descriptor, int limit, Func<bool> isThereMore, out Errno error)
    {
        error = Errno.None;
        var buffer = new SecretBuffer(Math.Min(limit, 16 * 1024));
        while (isThereMore())
        {
            if (buffer.Free.IsEmpty)
                buffer = Grown(buffer);
            error = DescriptorIo.Read(descriptor, buffer.Free, out var count);
            if (!error.Ok || buffer.Length + count > limit)
            {
                buffer.Dispose();
                return null;
            }

            if (count == 0)
                return buffer;
            buffer.Advance(count);
        }

        return buffer;
    }

    private static SecretBuffer Grown(SecretBuffer buffer)
    {
        using (buffer)
        {
            var larger = new SecretBuffer(buffer.Capacity * 2);
            larger.Append(buffer.Span);
            return larger;
        }
    }
}
