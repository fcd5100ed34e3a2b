using System.Text;
using Mandos.Keygen.Keys;

namespace Mandos.Keygen.Servers;

/// <summary>The text of a section that is on a server, with settings that its administrator may have changed.</summary>
internal static class SectionText
{
    /// <summary>The section with another secret; everything else stays as it is.</summary>
    public static string WithSecret(string section, ReadOnlySpan<byte> secret)
    {
        var text = new StringBuilder();
        var inSecret = false;
        foreach (var line in section.TrimEnd('\n').Split('\n'))
        {
            if (inSecret && line.Length > 0 && line[0] is ' ' or '\t')
                continue;
            inSecret = IsSecret(line);
            if (!inSecret)
            {
                text.Append(line).Append('\n');
                continue;
            }

            text.Append("secret =\n");
            foreach (var chunk in Convert.ToBase64String(secret).Chunk(Pem.LineLength))
                text.Append("    ").Append(chunk).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Whether it begins with a name in brackets, without control characters.</summary>
    public static bool HasName(string section) => Name(section).Length > 0 && section[0] == '[' && !Name(section).Any(char.IsControl);

    /// <summary>The name of the client.</summary>
    public static string Name(string section) => section.Split('\n')[0] is var line && line.LastIndexOf(']') is > 0 and var end
        ? line[1..end]
        : "";

    /// <summary>The section for other keys, under another name; every other setting and comment stays as it is.</summary>
    public static string ForKeys(string section, string name, string keyId, string fingerprint, ReadOnlySpan<byte> secret)
    {
        var text = new StringBuilder();
        var isSkipped = false;
        foreach (var line in section.TrimEnd('\n').Split('\n'))
        {
            if (text.Length == 0)
            {
                text.Append('[').Append(name).Append(line, line.LastIndexOf(']'), line.Length - line.LastIndexOf(']')).Append('\n');
                continue;
            }

            if (isSkipped && line.Length > 0 && line[0] is ' ' or '\t')
                continue;
            var value = Option(line) switch { "key_id" => keyId, "fingerprint" => fingerprint, _ => null };
            isSkipped = value is not null;
            text.Append(value is null ? line : $"{line[..(line.IndexOfAny(['=', ':']) + 1)]} {value}").Append('\n');
        }

        return WithSecret(text.ToString(), secret);
    }

    /// <summary>Whether the section has a secret of its own, and not one in another file.</summary>
    public static bool HasSecret(string section) => section.Split('\n').Any(IsSecret);

    private static bool IsSecret(string line) => Option(line) == "secret";

    /// <summary>The name of the option that begins in a line; null if none does.</summary>
    private static string? Option(string line) =>
        line.Length > 0 && !char.IsWhiteSpace(line[0]) && line.Split(['=', ':'], 2) is [var name, _]
            ? name.Trim().ToLowerInvariant()
            : null;
}
