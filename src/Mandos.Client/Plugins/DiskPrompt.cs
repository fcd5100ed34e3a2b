namespace Mandos.Client.Plugins;

/// <summary>
/// The disk that the password is for, as cryptsetup's scripts pass it to their children: <c>CRYPTTAB_SOURCE</c> and <c>CRYPTTAB_NAME</c>,
/// or the older <c>cryptsource</c> and <c>crypttarget</c>.
/// </summary>
internal static class DiskPrompt
{
    /// <summary>The subject, for example <c>Unlocking the disk /dev/sda3 (root)</c>; null if nothing is known.</summary>
    internal static string? Subject(Func<string, string?> variable)
    {
        var source = variable("CRYPTTAB_SOURCE") ?? variable("cryptsource");
        var name = variable("CRYPTTAB_NAME") ?? variable("crypttarget");
        return (source, name) switch
        {
            (null, null) => null,
            (_, null) => $"{General} {source}",
            (null, _) => $"{General} ({name})",
            _ => $"{General} {source} ({name})",
        };
    }

    /// <summary>The prompt for a terminal.</summary>
    internal static string ForTerminal(PluginOptions options, Func<string, string?> variable)
    {
        var prefix = options.Prefix is null ? "" : $"{options.Prefix} ";
        if (options.Prompt is not null)
            return $"{prefix}{options.Prompt}: ";
        return Subject(variable) is { } subject
            ? $"{prefix}{subject}\nEnter passphrase: "
            : $"{prefix}Enter passphrase to unlock the disk: ";
    }

    /// <summary>The prompt for Plymouth, which adds the colon.</summary>
    internal static string ForPlymouth(PluginOptions options, Func<string, string?> variable) =>
        options.Prompt ?? $"{Subject(variable) ?? General}\nEnter passphrase";

    private const string General = "Unlocking the disk";
}
