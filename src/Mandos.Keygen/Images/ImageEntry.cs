using System.Text;

namespace Mandos.Keygen.Images;

/// <summary>A file of an image.</summary>
/// <param name="Path">The path, without a slash at its beginning.</param>
/// <param name="Mode">Type and permissions, as in st_mode.</param>
/// <param name="Owner">The user ID.</param>
/// <param name="Group">The group ID.</param>
/// <param name="Size">The size in bytes.</param>
internal sealed record ImageEntry(string Path, uint Mode, uint Owner, uint Group, long Size)
{
    private const uint S_IFMT = 0xf000, S_IFREG = 0x8000, S_IFLNK = 0xa000, S_IFDIR = 0x4000;
    private const uint SetUserOrGroup = 0b110_000_000_000, Executable = 0b001_001_001, Foreign = 0b111_111;

    internal bool IsFile => (Mode & S_IFMT) == S_IFREG;

    internal bool IsLink => (Mode & S_IFMT) == S_IFLNK;

    internal bool IsDirectory => (Mode & S_IFMT) == S_IFDIR;

    internal bool IsExecutable => IsFile && (Mode & Executable) != 0;

    internal bool HasPrivilegeBits => (Mode & SetUserOrGroup) != 0;

    /// <summary>Whether only root may use it.</summary>
    internal bool IsPrivate => Owner == 0 && (Mode & Foreign) == 0;

    /// <summary>The permissions as chmod(1) takes them.</summary>
    internal string Permissions => Convert.ToString(Mode & 0xfff, 8).PadLeft(4, '0');

    /// <summary>Where a symbolic link points.</summary>
    internal string Target { get; init; } = "";

    /// <summary>The content, if it is of interest; never that of a secret key.</summary>
    internal byte[]? Content { get; set; }

    /// <summary>SHA-256 of the content, if it is of interest.</summary>
    internal byte[]? Digest { get; set; }

    /// <summary>The first bytes, if the digest is of interest: enough to recognize a program.</summary>
    internal byte[] Magic { get; set; } = [];

    /// <summary>The content as text; empty if it was not kept.</summary>
    internal string Text => Content is { } content ? Encoding.UTF8.GetString(content) : "";
}
