using Mandos.Keygen.Inspection;

namespace Mandos.Keygen.Booting;

/// <summary>What a boot loader loads.</summary>
/// <param name="Kernel">The release of the kernel, or another name of it.</param>
/// <param name="Image">The path of the initramfs image, or of the unified kernel image.</param>
/// <param name="Source">Where that is configured.</param>
/// <param name="CommandLines">The kernel command line, and the files that the next one is made of.</param>
internal sealed record BootTarget(string Kernel, string Image, string Source, IReadOnlyList<CommandLineSource> CommandLines);
