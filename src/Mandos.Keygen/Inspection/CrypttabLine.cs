namespace Mandos.Keygen.Inspection;

/// <summary>A line of crypttab(5): <c>name source keyfile options</c>.</summary>
/// <param name="Name">The name of the open disk.</param>
/// <param name="Source">The encrypted disk.</param>
/// <param name="KeyFile">Its key file, or a word that means none.</param>
/// <param name="Options">Its options.</param>
internal sealed record CrypttabLine(string Name, string Source, string KeyFile, IReadOnlyList<string> Options)
{
    /// <summary>The keyscript of the line; null if it has none.</summary>
    internal string? KeyScript =>
        Options.FirstOrDefault(option => option.StartsWith("keyscript=", StringComparison.Ordinal))?["keyscript=".Length..];

    /// <summary>Whether the disk is opened by what is asked for at boot.</summary>
    internal bool AsksForPassword =>
        KeyFile is "none" or "-" or "" && KeyScript is null or "decrypt_keyctl" or "/lib/cryptsetup/scripts/decrypt_keyctl"
        || KeyScript is { } script && script.Contains("/mandos/plugin-runner", StringComparison.Ordinal);

    internal bool Has(params ReadOnlySpan<string> options)
    {
        foreach (var option in options)
        {
            if (Options.Contains(option))
                return true;
        }

        return false;
    }

    /// <summary>The device file of the encrypted disk.</summary>
    internal string Device => Source.Split('=', 2) switch
    {
        ["UUID", var id] => "/dev/disk/by-uuid/" + id.Trim('"'),
        ["PARTUUID", var id] => "/dev/disk/by-partuuid/" + id.Trim('"'),
        ["LABEL", var label] => "/dev/disk/by-label/" + label.Trim('"'),
        ["PARTLABEL", var label] => "/dev/disk/by-partlabel/" + label.Trim('"'),
        _ => Source,
    };

    /// <summary>Parses the lines of a file.</summary>
    internal static IReadOnlyList<CrypttabLine> Parse(string text) =>
    [
        .. from line in text.Split('\n')
           let words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
           where words.Length >= 2 && words[0][0] != '#'
           select new CrypttabLine(
               words[0], words[1], words.Length > 2 ? words[2] : "none",
               words.Length > 3 ? words[3].Split(',', StringSplitOptions.RemoveEmptyEntries) : []),
    ];
}
