namespace Mandos.Keygen.Images;

/// <summary>The most that is read from an image. Real images are far below each limit.</summary>
internal static class ImageLimits
{
    /// <summary>All bytes of all archives, decompressed.</summary>
    internal const long Bytes = 4L << 30;

    internal const int Entries = 250_000;

    /// <summary>All names and targets of links together.</summary>
    internal const int NameBytes = 32 << 20;

    /// <summary>Names of one file; busybox has some hundred.</summary>
    internal const int HardLinks = 1000;

    /// <summary>PATH_MAX of Linux, with the NUL at the end.</summary>
    internal const int Name = 4096;

    /// <summary>A file whose content is kept; modules.dep of a complete kernel has 0.8 MB.</summary>
    internal const int KeptFile = 8 << 20;

    /// <summary>All contents together.</summary>
    internal const int KeptBytes = 64 << 20;

    /// <summary>Links that lead to one file, as in the kernel.</summary>
    internal const int Links = 40;

    /// <summary>Sections of a unified kernel image.</summary>
    internal const int Sections = 256;

    /// <summary>The kernel command line in a unified kernel image.</summary>
    internal const int CommandLine = 64 << 10;
}
