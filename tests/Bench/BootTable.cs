namespace Mandos.Bench;

/// <summary>The section of machines that boot: the table of <c>Mandos.Boot --bench</c> with what it shows.</summary>
internal static class BootTable
{
    /// <summary>The section; null if this is no table, or one without rows.</summary>
    public static string? Section(string table) =>
        table.Trim().Split('\n') is [var head, _, _, ..] lines && head.StartsWith("| initramfs |", StringComparison.Ordinal)
        ? $"""
            Emulated machines (without hardware virtualisation) with an encrypted root boot with the original's client and with
            ours, in turn on the same machine: the same keys (RSA-4096), the same server (Debian 12's, with its avahi-daemon),
            the same disk. Medians, in parentheses the least and the most. {Report.Machine()}

            {string.Join('\n', lines)}
            """
        : null;
}
