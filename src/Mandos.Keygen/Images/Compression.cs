namespace Mandos.Keygen.Images;

/// <summary>A compressed format that the kernel accepts (lib/decompress.c), and what decompresses it here.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Program">The program that decompresses it. .NET's own gzip would embed a zlib of its own.</param>
/// <param name="Package">The Debian package of that program.</param>
/// <param name="WarningCode">The exit code of that program if there is other data behind the compressed data.</param>
internal sealed record Compression(string Name, string Program, string Package, int WarningCode = 0)
{
    /// <summary>The size of the longest magic number.</summary>
    internal const int MagicLength = 6;

    private static readonly (byte[] Magic, Compression Compression)[] All =
    [
        ([0x1f, 0x8b], new("gzip", "gzip", "gzip", WarningCode: 2)),
        ([0xfd, .. "7zXZ"u8, 0], new("xz", "xz", "xz-utils")),
        ([0x28, 0xb5, 0x2f, 0xfd], new("zstd", "zstd", "zstd")),
        ([0x02, 0x21, 0x4c, 0x18], new("lz4", "lz4", "lz4")),
        ([.. "BZh"u8], new("bzip2", "bzip2", "bzip2")),
        ([0x5d, 0, 0], new("lzma", "xz", "xz-utils")),
        ([0x89, .. "LZO"u8, 0], new("lzo", "lzop", "lzop")),
    ];

    /// <summary>The format of what begins with these bytes; null if it is none of them.</summary>
    internal static Compression? Of(ReadOnlySpan<byte> bytes)
    {
        foreach (var (magic, compression) in All)
        {
            if (bytes.StartsWith(magic))
                return compression;
        }

        return null;
    }
}
