using System.Collections.Immutable;
using System.Reflection.PortableExecutable;
using System.Text;

namespace Mandos.Keygen.Images;

/// <summary>
/// A unified kernel image: an EFI program whose sections are a kernel (.linux), its initramfs image (.initrd) and its command line
/// (.cmdline).
/// </summary>
/// <param name="InitrdOffset">Where the initramfs image begins in the file.</param>
/// <param name="InitrdLength">Its length.</param>
/// <param name="CommandLine">The kernel command line; null if the boot loader provides it.</param>
internal sealed record UnifiedImage(long InitrdOffset, long InitrdLength, string? CommandLine)
{
    /// <summary>Whether a file that begins with these bytes is an EFI program.</summary>
    internal static bool IsOne(ReadOnlySpan<byte> bytes) => bytes.StartsWith("MZ"u8);

    /// <summary>Reads the table of sections.</summary>
    /// <exception cref="ImageException">The file is damaged, or has no initramfs image.</exception>
    internal static UnifiedImage Read(Stream file)
    {
        file.Position = 0;
        var sections = Sections(file);
        var initrd = sections.FirstOrDefault(section => section.Name == ".initrd");
        if (initrd.Name is null)
            throw new ImageException(
                "the file is an EFI program without an initramfs image (section .initrd)",
                "check the initramfs image or the unified kernel image, not the kernel");
        var line = sections.FirstOrDefault(section => section.Name == ".cmdline");
        return new(initrd.PointerToRawData, Length(initrd), line.Name is null ? null : Text(file, line));
    }

    private static ImmutableArray<SectionHeader> Sections(Stream file)
    {
        try
        {
            var headers = new PEHeaders(file).SectionHeaders;
            if (headers.Length <= ImageLimits.Sections && headers.All(header => header.PointerToRawData >= 0))
                return headers;
        }
        catch (BadImageFormatException)
        {
            // The same error as for sections beyond the limits.
        }

        throw new ImageException("the unified kernel image is damaged: its table of sections cannot be read");
    }

    // The size on disk is rounded up, and the other one may be larger than what is in the file.
    private static long Length(SectionHeader section) => Math.Max(0, Math.Min(section.VirtualSize, section.SizeOfRawData));

    private static string Text(Stream file, SectionHeader section)
    {
        var bytes = new byte[Math.Min(Length(section), ImageLimits.CommandLine)];
        file.Position = section.PointerToRawData;
        var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(bytes.AsSpan(0, count)).Trim('\0', '\n', ' ');
    }
}
