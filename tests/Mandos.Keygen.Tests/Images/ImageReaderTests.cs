using System.Security.Cryptography;
using System.Text;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Images;

namespace Mandos.Keygen.Tests.Images;

public sealed class ImageReaderTests
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    public static TheoryData<string, string[]> Compressions => new()
    {
        { "none", [] },
        { "gzip", [] },
        { "xz", ["xz", "-c", "--check=crc32"] },
        { "lz4", ["lz4", "-c", "-l"] },
        { "zstd", ["zstd", "-c", "-q"] },
        { "lzma", ["xz", "-c", "--format=lzma"] },
    };

    [Theory, MemberData(nameof(Compressions))]
    public async Task The_files_of_an_image_are_read_whatever_its_compression(string name, string[] command)
    {
        var archive = SampleImage.OfInitramfsTools().ToArchive();
        var image = await ReadAsync(
            name switch
            {
                "none" => archive,
                "gzip" => ImageFile.Gzip(archive),
                _ => ImageFile.Compress(archive, command[0], command[1..]),
            });

        Assert.Equal(name, image.Compression);
        Assert.Equal(ImageBuilder.InitramfsTools, image.Builder);
        Assert.Equal("root UUID=6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c001 none luks,initramfs\n", image.Text("cryptroot/crypttab"));
    }

    [Fact]
    public async Task Microcode_and_modules_may_come_first_each_in_an_archive_with_zeros_after_it()
    {
        var microcode = new CpioWriter();
        microcode.Add("kernel", SampleImage.Directory | 0b111_101_101, []);
        microcode.Add("kernel/x86.bin", SampleImage.File | 0b110_100_100, "microcode"u8.ToArray());
        var image = await ReadAsync(
            microcode.Finish(), new byte[5000], SampleImage.OfDracut().ToArchive(), new byte[3],
            ImageFile.Gzip(SampleImage.OfInitramfsTools().ToArchive()));

        Assert.NotNull(image.Find("kernel/x86.bin"));
        Assert.NotNull(image.Find("lib/dracut/hooks/cmdline/20-mandos-cmdline.sh"));
        Assert.NotNull(image.Find("lib/mandos/plugin-runner"));
        Assert.Equal("gzip", image.Compression);
    }

    [Fact]
    public async Task Keys_are_not_kept_only_their_digests()
    {
        var image = await ReadAsync(SampleImage.OfInitramfsTools().ToArchive());

        var key = image.Find("conf/conf.d/mandos/seckey.txt")!;
        Assert.Null(key.Content);
        Assert.Equal(SHA256.HashData("seckey.txt"u8), key.Digest);
    }

    [Fact]
    public async Task A_file_with_several_names_has_the_content_under_each()
    {
        var archive = new CpioWriter();
        archive.Add("etc", SampleImage.Directory, []);
        archive.Add("etc/crypttab", SampleImage.File, [], links: 2, inode: 77);
        archive.Add("other", SampleImage.File, "root x none luks"u8.ToArray(), links: 2, inode: 77);
        var image = await ReadAsync(archive.Finish());

        Assert.Equal("root x none luks", image.Text("etc/crypttab"));
        Assert.Equal(16, image.Find("etc/crypttab")!.Size);
    }

    [Theory]
    [InlineData("a -> b, b -> a", "a")]
    [InlineData("a -> ../../x", "a")]
    [InlineData("a -> /nowhere/x", "a")]
    public async Task A_link_that_leads_nowhere_is_no_file(string links, string path)
    {
        var archive = new CpioWriter();
        foreach (var link in links.Split(", "))
            archive.Add(link.Split(" -> ")[0], SampleImage.Link, Encoding.UTF8.GetBytes(link.Split(" -> ")[1]));

        Assert.Null((await ReadAsync(archive.Finish())).Find(path));
    }

    private static readonly byte[] Archive = SampleImage.OfInitramfsTools().ToArchive();

    // What is wrong, the image, a part of the message.
    private static readonly (string Damage, Func<byte[]> Content, string Message)[] Damaged =
    [
        ("empty", () => [], "the file is empty"),
        ("zeros", () => new byte[100_000], "the image is empty"),
        ("text", () => "#!/bin/sh"u8.ToArray(), "not an initramfs image"),
        ("truncated archive", () => Archive[..5000], "truncated"),
        ("truncated in a header", () => Archive[..50], "truncated"),
        ("endless name", () => Changed(94, "fffffff0"), "damaged"),
        ("invalid field", () => Changed(20, "x"), "damaged"),
        ("a size beyond the end", () => Changed(54, "7fffffff"), "truncated"),
        ("truncated gzip", () => ImageFile.Gzip(Archive)[..500], "truncated"),
        ("truncated zstd", () => ImageFile.Compress(Archive, "zstd", "-c", "-q")[..500], "empty or damaged: "),
        ("damaged zstd", () => [.. ImageFile.Compress(Archive, "zstd", "-c", "-q")[..6], .. new byte[200]], "damaged"),
        ("data after the archive", () => [.. Archive, .. "garbage"u8], "unknown data after its first archive"),
        ("text in gzip", () => ImageFile.Gzip("text"u8.ToArray()), "not a cpio archive"),
        ("an EFI program", () => "MZ"u8.ToArray(), "cannot be read"),
        ("crypttab of 9 MB", Large, "too large"),
        ("a file with 2000 names", () => Many(2000, "", links: 2000), "too many names"),
        ("names of 40 MB", () => Many(10_000, new string('x', 4000), links: 1), "too large"),
    ];

    public static TheoryData<string> Damages => [.. Damaged.Select(one => one.Damage)];

    [Theory, MemberData(nameof(Damages))]
    public async Task A_damaged_image_is_one_error_that_says_what_is_wrong(string damage)
    {
        var (_, content, message) = Damaged.First(one => one.Damage == damage);

        var error = await Assert.ThrowsAsync<ImageException>(() => ReadAsync(content()));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(error.Hint));
    }

    [Theory, InlineData("/dev/null"), InlineData("/dev/zero")]
    public async Task A_device_is_not_read(string path)
    {
        var error = await Assert.ThrowsAsync<ImageException>(() => ImageReader.ReadAsync(path, Token));

        Assert.Equal("the file is empty, or not a regular file", error.Message);
    }

    private static byte[] Changed(int at, string text)
    {
        var archive = (byte[])Archive.Clone();
        Encoding.ASCII.GetBytes(text).CopyTo(archive.AsSpan(at));
        return archive;
    }

    [Theory]
    [InlineData("/nonexistent", "No such file")]
    [InlineData("/proc", "not a file that can be read")]
    public async Task A_file_that_cannot_be_read_is_an_error_with_its_name(string path, string message)
    {
        var error = await Assert.ThrowsAsync<KeygenException>(() => ImageReader.ReadAsync(path, Token));

        Assert.StartsWith($"cannot read {path}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Large()
    {
        var archive = new CpioWriter();
        archive.Add("etc/crypttab", SampleImage.File, new byte[9 << 20]);
        return archive.Finish();
    }

    private static byte[] Many(uint count, string end, uint links)
    {
        var archive = new CpioWriter();
        for (var i = 0u; i < count; i++)
            archive.Add($"{i}{end}", SampleImage.File, "x"u8.ToArray(), links: links, inode: links > 1 ? 1 : i);
        return archive.Finish();
    }

    private static async Task<InitramfsImage> ReadAsync(params byte[][] parts)
    {
        using var directory = new TemporaryDirectory();
        ImageFile.Write(directory["image"], parts);
        return await ImageReader.ReadAsync(directory["image"], Token);
    }
}
