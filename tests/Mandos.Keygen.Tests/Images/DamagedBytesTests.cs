using Mandos.Keygen.Images;

namespace Mandos.Keygen.Tests.Images;

/// <summary>Whatever the bytes of an image are, reading it ends with its files or with one kind of error.</summary>
public sealed class DamagedBytesTests
{
    private const int Rounds = 3000;

    [Fact]
    public async Task A_damaged_archive_is_read_or_refused()
    {
        var whole = SampleImage.OfInitramfsTools().ToArchive();
        var refused = 0;
        foreach (var damaged in Damage(whole, seed: 1))
        {
            try
            {
                var archives = new ArchiveReader();
                using var stream = new MemoryStream(damaged);
                using var reader = new ForwardReader(stream);
                await archives.ReadAsync(reader, TestContext.Current.CancellationToken);
                var image = new InitramfsImage(archives.Entries) { File = "image", Compression = "none", Size = damaged.Length };
                image.Find("lib/mandos/plugin-runner");
            }
            catch (ImageException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, Rounds - 1);
    }

    [Fact]
    public void A_damaged_table_of_sections_is_read_or_refused()
    {
        var whole = UnifiedImageTests.Build((".cmdline", "quiet"u8.ToArray()), (".initrd", new byte[600]));
        var refused = 0;
        foreach (var damaged in Damage(whole[..1200], seed: 2))
        {
            try
            {
                using var stream = new MemoryStream(damaged);
                var image = UnifiedImage.Read(stream);
                Assert.True(image.InitrdLength >= 0 && image.InitrdOffset >= 0);
            }
            catch (ImageException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, Rounds - 1);
    }

    /// <summary>Copies with a few other bytes, some truncated; the same ones in each run.</summary>
    private static IEnumerable<byte[]> Damage(byte[] whole, int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var damaged = whole[..(random.Next(4) == 0 ? random.Next(whole.Length) : whole.Length)];
            for (var change = random.Next(1, 6); change > 0 && damaged.Length > 0; change--)
                damaged[random.Next(damaged.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"0f7\0"[random.Next(4)];
            yield return damaged;
        }
    }
}
