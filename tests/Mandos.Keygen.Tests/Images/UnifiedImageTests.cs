using System.Buffers.Binary;
using System.Text;
using Mandos.Keygen.Images;

namespace Mandos.Keygen.Tests.Images;

/// <summary>Unified kernel images, which the test writes itself: headers, a table of sections, and the sections.</summary>
public sealed class UnifiedImageTests
{
    private const int Signature = 0x80, OptionalHeader = 240, SectionHeader = 40, Alignment = 512;

    [Fact]
    public async Task The_initramfs_image_and_the_command_line_are_read_from_their_sections()
    {
        var archive = ImageFile.Gzip(SampleImage.OfDracut().ToArchive());
        var line = "root=x mandos=off\n\0"u8.ToArray();
        var image = await ReadAsync(Build((".linux", "MZ kernel"u8.ToArray()), (".cmdline", line), (".initrd", archive)));

        Assert.True(image.IsUnified);
        Assert.Equal("root=x mandos=off", image.CommandLine);
        Assert.Equal(ImageBuilder.Dracut, image.Builder);
        Assert.NotNull(image.Find("lib/mandos/password-agent"));
    }

    [Fact]
    public async Task An_EFI_program_without_an_initramfs_image_is_an_error()
    {
        var error = await Assert.ThrowsAsync<ImageException>(() => ReadAsync(Build((".linux", "MZ kernel"u8.ToArray()))));

        Assert.Contains("without an initramfs image (section .initrd)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_file_is_an_error()
    {
        var whole = Build((".initrd", SampleImage.OfDracut().ToArchive()));

        var error = await Assert.ThrowsAsync<ImageException>(() => ReadAsync(whole[..(whole.Length / 2)]));

        Assert.Contains("truncated", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A PE32+ file (PE Format, Microsoft): MS-DOS header, signature, COFF header, optional header, sections.</summary>
    internal static byte[] Build(params (string Name, byte[] Content)[] sections)
    {
        var size = Round(Signature + 24 + OptionalHeader + (sections.Length * SectionHeader));
        var file = new byte[size + sections.Sum(section => Round(section.Content.Length))];
        "MZ"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(0x3c), Signature);
        "PE\0\0"u8.CopyTo(file.AsSpan(Signature));
        var coff = file.AsSpan(Signature + 4);
        BinaryPrimitives.WriteUInt16LittleEndian(coff, 0x8664);
        BinaryPrimitives.WriteUInt16LittleEndian(coff[2..], (ushort)sections.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(coff[16..], OptionalHeader);
        BinaryPrimitives.WriteUInt16LittleEndian(coff[18..], 0x22);
        var optional = coff[20..];
        BinaryPrimitives.WriteUInt16LittleEndian(optional, 0x20b);
        BinaryPrimitives.WriteUInt32LittleEndian(optional[32..], Alignment);
        BinaryPrimitives.WriteUInt32LittleEndian(optional[36..], Alignment);
        BinaryPrimitives.WriteUInt32LittleEndian(optional[60..], (uint)size);
        BinaryPrimitives.WriteUInt16LittleEndian(optional[68..], 10);
        BinaryPrimitives.WriteUInt32LittleEndian(optional[108..], 16);
        var at = size;
        for (var i = 0; i < sections.Length; i++)
        {
            var header = optional[(OptionalHeader + (i * SectionHeader))..];
            Encoding.ASCII.GetBytes(sections[i].Name).CopyTo(header);
            BinaryPrimitives.WriteInt32LittleEndian(header[8..], sections[i].Content.Length);
            BinaryPrimitives.WriteInt32LittleEndian(header[12..], at);
            BinaryPrimitives.WriteInt32LittleEndian(header[16..], Round(sections[i].Content.Length));
            BinaryPrimitives.WriteInt32LittleEndian(header[20..], at);
            sections[i].Content.CopyTo(file.AsSpan(at));
            at += Round(sections[i].Content.Length);
        }

        return file;
    }

    private static int Round(int size) => (size + Alignment - 1) / Alignment * Alignment;

    private static async Task<InitramfsImage> ReadAsync(byte[] content)
    {
        using var directory = new TemporaryDirectory();
        ImageFile.Write(directory["image.efi"], content);
        return await ImageReader.ReadAsync(directory["image.efi"], TestContext.Current.CancellationToken);
    }
}
