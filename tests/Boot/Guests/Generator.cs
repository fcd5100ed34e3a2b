namespace Mandos.Boot.Guests;

/// <summary>What makes the initramfs, and what runs in it.</summary>
public enum Generator
{
    /// <summary>initramfs-tools with cryptsetup-initramfs.</summary>
    InitramfsTools,

    /// <summary>dracut with systemd in the initramfs.</summary>
    DracutSystemd,

    /// <summary>dracut with its shell scripts.</summary>
    DracutShell,
}
