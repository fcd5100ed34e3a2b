using System.IO.Compression;
using CsCheck;
using Mandos.Core.OpenPgp.Compression;
using Mandos.Core.Secrets;

namespace Mandos.Core.Tests.OpenPgp;

/// <summary>Against zlib, by way of System.IO.Compression.</summary>
public sealed class InflaterTests
{
    /// <summary>Never empty: the library then writes nothing at all, which is no compressed data (RFC 1951 wants a last block).</summary>
    private static readonly Gen<byte[]> Data = Gen.OneOf(
        Gen.Byte.Array[1, 300],
        Gen.Byte[97, 100].Array[1, 5000],
        Gen.Byte.Array[60_000, 80_000],
        Gen.Select(Gen.Byte.Array[1, 300], Gen.Int[1, 500], (word, times) => Enumerable.Repeat(word, times).SelectMany(w => w).ToArray()));

    private static readonly Gen<CompressionLevel> Level =
        Gen.OneOf(CompressionLevel.NoCompression, CompressionLevel.Fastest, CompressionLevel.Optimal, CompressionLevel.SmallestSize);

    [Fact]
    public void The_inflater_restores_what_zlib_compresses() =>
        Gen.Select(Data, Level).Sample(
            (data, level) =>
            {
                Assert.Equal((InflateResult.Whole, Convert.ToHexString(data)), Inflate(Deflate(data, level)));
                Assert.Equal((InflateResult.Whole, Convert.ToHexString(data)), InflateZlib(Zlib(data, level)));
            },
            iter: 150);

    /// <summary>What zlib itself writes for empty data, stored and with the fixed code.</summary>
    [Theory]
    [InlineData("010000FFFF", "7801010000FFFF00000001")]
    [InlineData("0300", "789C030000000001")]
    public void Compressed_empty_data_inflates_to_nothing(string deflate, string zlib)
    {
        Assert.Equal((InflateResult.Whole, ""), Inflate(Convert.FromHexString(deflate)));
        Assert.Equal((InflateResult.Whole, ""), InflateZlib(Convert.FromHexString(zlib)));
    }

    [Fact]
    public void Empty_input_is_not_valid_compressed_data()
    {
        Assert.Equal(InflateResult.Damaged, Inflate([]).Result);
        Assert.Equal(InflateResult.Damaged, InflateZlib([]).Result);
    }

    [Fact]
    public void Truncated_compressed_data_is_damaged()
    {
        var compressed = Zlib("one one one two two two three three three"u8.ToArray(), CompressionLevel.Optimal);
        for (var length = 0; length < compressed.Length; length++)
            Assert.Equal(InflateResult.Damaged, InflateZlib(compressed[..length]).Result);
    }

    [Fact]
    public void Compressed_data_with_trailing_bytes_is_damaged()
    {
        Assert.Equal(InflateResult.Damaged, Inflate([.. Deflate([1, 2, 3], CompressionLevel.Optimal), 0]).Result);
        Assert.Equal(InflateResult.Damaged, InflateZlib([.. Zlib([1, 2, 3], CompressionLevel.Optimal), 0]).Result);
    }

    [Fact]
    public void A_changed_zlib_stream_never_gives_other_bytes()
    {
        var data = "one one one two two two three three three"u8.ToArray();
        var compressed = Zlib(data, CompressionLevel.Optimal);
        Gen.Select(Gen.Int[0, compressed.Length - 1], Gen.Byte[1, 255]).Sample(
            (position, change) =>
            {
                var changed = compressed.ToArray();
                changed[position] ^= change;
                var (result, output) = InflateZlib(changed);
                Assert.True(result != InflateResult.Whole || output == Convert.ToHexString(data));
            },
            iter: 5000);
    }

    [Fact]
    public void Garbage_is_handled_as_zlib_handles_it() =>
        Gen.Byte.Array[1, 60].Sample(
            bytes =>
            {
                var (result, output) = Inflate(bytes);
                var expected = TryDeflateStream(bytes);
                // The stream of the library does not mind what stands behind the data.
                if (result == InflateResult.Whole)
                    Assert.Equal(expected, output);
                else if (expected is null)
                    Assert.Equal(InflateResult.Damaged, result);
            },
            iter: 20_000);

    [Fact]
    public void Inflation_stops_at_the_output_limit()
    {
        using var output = new GrowingBuffer(16, 1000);
        Assert.Equal(
            InflateResult.TooLarge,
            new Inflater(Deflate(new byte[1_000_000], CompressionLevel.Optimal), output, Packets.Budget()).Inflate());
    }

    /// <summary>Blocks that RFC 1951 does not allow, as their bits lie in the bytes, lowest first.</summary>
    [Theory]
    [InlineData("070000", "reserved block type")]
    [InlineData("01000000", "stored length without its complement")]
    [InlineData("FD000000", "more than 286 literal codes")]
    [InlineData("030200", "distance before the start")]
    public void Invalid_blocks_are_damaged(string hex, string why) =>
        Assert.True(Inflate(Convert.FromHexString(hex)).Result == InflateResult.Damaged, why);

    private static (InflateResult Result, string Output) Inflate(byte[] bytes)
    {
        using var output = new GrowingBuffer(16, 1 << 20);
        var result = new Inflater(bytes, output, Packets.Budget()).Inflate();
        return (result, Convert.ToHexString(output.Span));
    }

    private static (InflateResult Result, string Output) InflateZlib(byte[] bytes)
    {
        using var output = new GrowingBuffer(16, 1 << 20);
        var result = new Inflater(bytes, output, Packets.Budget()).InflateZlib();
        return (result, Convert.ToHexString(output.Span));
    }

    private static byte[] Deflate(byte[] data, CompressionLevel level)
    {
        using var output = new MemoryStream();
        using (var stream = new DeflateStream(output, level))
            stream.Write(data);
        return output.ToArray();
    }

    private static byte[] Zlib(byte[] data, CompressionLevel level)
    {
        using var output = new MemoryStream();
        using (var stream = new ZLibStream(output, level))
            stream.Write(data);
        return output.ToArray();
    }

    private static string? TryDeflateStream(byte[] bytes)
    {
        try
        {
            using var stream = new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress);
            using var output = new MemoryStream();
            stream.CopyTo(output);
            return Convert.ToHexString(output.ToArray());
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
