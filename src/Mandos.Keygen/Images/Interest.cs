namespace Mandos.Keygen.Images;

/// <summary>What is kept of a file of an image.</summary>
internal enum Interest
{
    /// <summary>Name, mode and owner.</summary>
    Attributes,

    /// <summary>Also the digest of its content: keys and programs.</summary>
    Digest,

    /// <summary>Also its content: configuration.</summary>
    Content,
}

/// <summary>Decides what is kept.</summary>
internal static class Interests
{
    private static readonly string[] KeyDirectories = ["conf/conf.d/mandos/", "etc/mandos/keys/"];

    private static readonly string[] Configuration =
    [
        "conf/conf.d/mandos/plugin-runner.conf", "etc/mandos/plugin-runner.conf", "cryptroot/crypttab", "etc/crypttab", "conf/modules",
        "conf/initramfs.conf", "lib/dracut/modules.txt", "scripts/init-premount/ORDER", "scripts/local-premount/ORDER",
        "scripts/init-bottom/ORDER",
    ];

    private static readonly string[] ConfigurationDirectories = ["etc/cmdline.d/", "lib/systemd/system/ask-password-mandos."];

    /// <summary>Decides for a path without a slash at its beginning.</summary>
    internal static Interest Of(string path)
    {
        var name = path.StartsWith("usr/", StringComparison.Ordinal) ? path[4..] : path;
        if (Configuration.Contains(name) || StartsWithOneOf(name, ConfigurationDirectories) || IsModuleList(name))
            return Interest.Content;
        return StartsWithOneOf(name, KeyDirectories) || name.StartsWith("lib/mandos/", StringComparison.Ordinal)
            ? Interest.Digest
            : Interest.Attributes;
    }

    private static bool IsModuleList(string name) =>
        name.StartsWith("lib/modules/", StringComparison.Ordinal)
        && (name.EndsWith("/modules.dep", StringComparison.Ordinal) || name.EndsWith("/modules.builtin", StringComparison.Ordinal));

    private static bool StartsWithOneOf(string name, string[] beginnings) =>
        beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal));
}
