using Mandos.Core.Secrets;
using Org.BouncyCastle.Utilities.Bzip2;

namespace Mandos.Core.OpenPgp.Compression;

/// <summary>The compressed data packet (RFC 9580 section 5.6): <c>algorithm (1) | compressed packets</c>.</summary>
internal static class Decompression
{
    /// <param name="body">The packet.</param>
    /// <param name="budget">Limits the output.</param>
    /// <param name="packets">The output; the caller disposes it.</param>
    public static Failure? Read(ReadOnlySpan<byte> body, MessageBudget budget, out SecretBuffer? packets)
    {
        packets = null;
        if (body.Length < 2)
            return Failure.Damaged("its compressed data is truncated");
        var content = body[1..];
        var limit = budget.Inflatable;
        var output = new GrowingBuffer((int)Math.Min(limit, content.Length * 4L), limit);
        var failure = (CompressionAlgorithm)body[0] switch
        {
            CompressionAlgorithm.None => output.Append(content) ? null : TooLarge(budget),
            CompressionAlgorithm.Zip => Explain(new Inflater(content, output, budget).Inflate(), budget),
            CompressionAlgorithm.Zlib => Explain(new Inflater(content, output, budget).InflateZlib(), budget),
            CompressionAlgorithm.Bzip2 => ReadBzip2(content, output, budget),
            _ => Failure.Unsupported($"it is compressed with algorithm {body[0]}, which is not supported"),
        };
        if (failure is null && !budget.TakeInflated(output.Length))
            failure = budget.Exceeded;
        if (failure is null)
            packets = output.Take();
        else
            output.Dispose();
        return failure;
    }

    private static Failure TooLarge(MessageBudget budget) =>
        budget.Exceeded ?? Failure.TooLarge($"its content is larger than {budget.Limits.MaxContent} bytes");

    private static Failure Damaged => Failure.Damaged("its compressed data is damaged");

    private static Failure? Explain(InflateResult result, MessageBudget budget) => result switch
    {
        InflateResult.Whole => null,
        InflateResult.TooLarge => TooLarge(budget),
        _ => Damaged,
    };

    /// <summary>
    /// Uses BouncyCastle, whose work area of several megabytes is on the managed heap and is not wiped. No Mandos tool writes such
    /// messages; they are supported because gpg has an option for them.
    /// </summary>
    private static unsafe Failure? ReadBzip2(ReadOnlySpan<byte> content, GrowingBuffer output, MessageBudget budget)
    {
        var block = new byte[4096];
        try
        {
            fixed (byte* start = content)
            {
                using var input = new UnmanagedMemoryStream(start, content.Length);
                using var bzip2 = new CBZip2InputStream(input);
                for (var count = bzip2.Read(block, 0, block.Length); count > 0; count = bzip2.Read(block, 0, block.Length))
                {
                    if (!budget.TakeTime() || !output.Append(block.AsSpan(0, count)))
                        return TooLarge(budget);
                }

                return null;
            }
        }
        catch (Exception damage) when (damage is IOException or InvalidOperationException or IndexOutOfRangeException)
        {
            return Damaged;
        }
        finally
        {
            SecretBuffer.Wipe(block);
        }
    }
}
