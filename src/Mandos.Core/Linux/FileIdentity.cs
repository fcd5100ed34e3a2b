namespace Mandos.Core.Linux;

/// <summary>Tells one file from all others, whatever its names.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The number in it.</param>
public readonly record struct FileIdentity(ulong Device, ulong Inode);
