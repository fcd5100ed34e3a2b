using System.Text;

namespace Mandos.Keygen.Disks;

/// <summary>A line of crypttab(5): <c>NAME DEVICE [KEYFILE [OPTIONS]]</c>.</summary>
/// <param name="Name">The name of the mapping.</param>
/// <param name="Device">The encrypted device as it is written: <c>UUID=…</c>, a path and so on.</param>
/// <param name="KeyFile">The key file; null if the passphrase is asked for.</param>
/// <param name="Options">The options.</param>
internal sealed record CrypttabEntry(string Name, string Device, string? KeyFile, IReadOnlyList<string> Options)
{
    /// <summary>More lines than a machine has disks.</summary>
    private const int MostEntries = 1000;

    /// <summary>Options that say that something other than a passphrase opens the device.</summary>
    private static readonly string[] Tokens = ["tpm2-device", "fido2-device", "fido2-cid", "pkcs11-uri"];

    /// <summary>Options that make a device without a LUKS header.</summary>
    private static readonly string[] Plain = ["plain", "swap", "tmp"];

    /// <summary>Whether an option is set, with or without a value.</summary>
    public bool Has(string option) =>
        Options.Any(one => one == option || one.StartsWith($"{option}=", StringComparison.Ordinal));

    /// <summary>The value of an option; null if it is not set.</summary>
    public string? Value(string option) =>
        Options.LastOrDefault(one => one.StartsWith($"{option}=", StringComparison.Ordinal))?[(option.Length + 1)..];

    /// <summary>Whether the line itself wants the device opened in the initramfs.</summary>
    public bool IsMarked => Has("initramfs") || Has("x-initrd.attach");

    /// <summary>Why a password from a server cannot open the device; null if it can.</summary>
    public string? Obstacle
    {
        get
        {
            if (KeyFile is not null)
                return $"the key file {KeyFile} opens it";
            if (Value("keyscript") is { } script && script is not ("none" or "-"))
                return $"the keyscript {script} opens it";
            if (Tokens.FirstOrDefault(Has) is { } token)
                return $"the option {token} opens it";
            if (Has("noauto") && !Has("initramfs"))
                return "it has the option noauto";
            if (Has("header"))
                return "it has a detached header, which is not supported";
            return Plain.FirstOrDefault(Has) is { } plain ? $"it has the option {plain}" : null;
        }
    }

    /// <summary>Reads the lines of the file; lines that are incomplete are skipped, as at boot.</summary>
    public static IReadOnlyList<CrypttabEntry> Parse(string text)
    {
        var entries = new List<CrypttabEntry>();
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            if (line.Length == 0 || line[0] == '#' || entries.Count == MostEntries)
                continue;
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Unescape).ToList();
            if (fields.Count < 2)
                continue;
            var key = fields.Count > 2 && fields[2] is not ("none" or "-") ? fields[2] : null;
            entries.Add(new(fields[0], Unquote(fields[1]), key, fields.Count > 3 ? fields[3].Split(',') : []));
        }

        return entries;
    }

    // \040 is a space, as in fstab(5).
    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
            return field;
        var text = new StringBuilder();
        for (var at = 0; at < field.Length; at++)
        {
            if (field[at] == '\\' && at + 3 < field.Length && field.AsSpan(at + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                text.Append((char)Convert.ToInt32(field.Substring(at + 1, 3), 8));
                at += 3;
            }
            else
            {
                text.Append(field[at]);
            }
        }

        return text.ToString();
    }

    private static string Unquote(string device) =>
        device.Split('=', 2) is [var kind, ['"' or '\'', .. var value, '"' or '\'']] ? $"{kind}={value}" : device;
}
