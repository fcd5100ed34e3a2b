namespace Mandos.Boot.Guests;

/// <summary>An initramfs.</summary>
/// <param name="System">Where its kernel is.</param>
/// <param name="File">On the host.</param>
/// <param name="Log">What the tools said that made it.</param>
/// <param name="SystemDisk">The disk of the machine that it was made on; null if <see cref="Guests.SystemDisk"/> makes it.</param>
public sealed record MadeInitramfs(GuestSystem System, string File, string Log, string? SystemDisk = null);
