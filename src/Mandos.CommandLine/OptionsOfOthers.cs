namespace Mandos.CommandLine;

/// <summary>
/// Options that users easily give to the wrong program of ours, because the names are similar and commands are copied. Only specific names
/// are included, not those that all programs share.
/// </summary>
internal static class OptionsOfOthers
{
    internal static IReadOnlyList<(string Program, string[] Options)> All { get; } =
    [
        (
            "mandos-client",
            ["--connect", "--server", "--prefer-interface", "--interface", "--pubkey", "--seckey", "--tls-pubkey", "--tls-privkey",
                "--dh-bits", "--dh-params", "--delay", "--retry", "--network-hook-dir"]),
        (
            "mandos-keygen",
            ["--dir", "--type", "--length", "--subtype", "--sublength", "--name", "--email", "--comment", "--expire", "--tls-keytype",
                "--force", "--password", "--passfile", "--no-ssh"]),
        (
            "mandos",
            ["--address", "--port", "--priority", "--servicename", "--debuglevel", "--configdir", "--statedir", "--no-dbus", "--no-ipv6",
                "--no-restore", "--no-zeroconf", "--socket", "--foreground", "--check-config"]),
        (
            "plugin-runner",
            ["--global-options", "--global-env", "--options-for", "--env-for", "--disable", "--enable", "--config-file", "--plugin-dir",
                "--plugin-helper-dir", "--userid", "--groupid"]),
        ("password-agent", ["--agent-directory", "--helper-directory", "--any-id", "--linger"]),
        ("password-prompt", ["--prefix", "--prompt"]),
    ];

    /// <summary>Returns <c>: it belongs to mandos-keygen</c>, or nothing if none of our programs has the option.</summary>
    internal static string Hint(string option) =>
        All.FirstOrDefault(one => one.Options.Contains(option, StringComparer.Ordinal)).Program is { } owner
            ? $": it belongs to {owner}"
            : "";
}
